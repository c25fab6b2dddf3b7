import { int, ints, intsOrInput, shapeOf, sureNumbers, text } from '../../shapes/call.ts';
import { axisOf } from '../../shapes/known.ts';
import { countsPadding } from '../borders.ts';
import { lost, same, zeroOnly, type UnitRule } from '../building.ts';

/** Poolings over spatial axes: channels stay what they are. */
export const pool: UnitRule = (building, visit) => {
  const from = building.at(visit, 0);
  if (from === null || building.value(from).axis !== 1 || int(visit, 'channels_last') === 1) return [];
  const { op } = visit.node;
  // The places of the largest elements are counted over all channels.
  if (op === 'MaxPool' && (visit.node.outputs[1] ?? '') !== '') return [];
  const to = building.give(visit, 1, building.value(from).units);
  const padded =
    op === 'AveragePool' &&
    countsPadding(visit, shapeOf(visit, 0)?.slice(2) ?? null, visit.outputs[0]?.shape?.slice(2) ?? null);
  const power = op.endsWith('LpPool');
  building.steps.push({
    kind: 'each',
    from,
    to,
    by: padded || power ? zeroOnly : same,
    loses: padded
      ? `the zero padding of ${visit.label} makes them differ at the borders`
      : power
        ? `${visit.label} (${op}) is not evaluated`
        : null,
  });
  return [0];
};

export const pad: UnitRule = (building, visit) => {
  const from = building.at(visit, 0);
  const pads = ints(visit, 'pads') ?? sureNumbers(visit, 1);
  const rank = shapeOf(visit, 0)?.length ?? null;
  if (from === null || pads === null || rank === null || pads.length !== 2 * rank) return [];
  const { axis, units } = building.value(from);
  if (pads[axis] !== 0 || pads[axis + rank] !== 0) return [];
  const mode = text(visit, 'mode') ?? 'constant';
  const filled = mode === 'constant';
  const other = filled && (visit.node.inputs[2] ?? '') !== '';
  const to = building.give(visit, axis, units);
  building.steps.push({
    kind: 'each',
    from,
    to,
    by: other ? lost : filled ? zeroOnly : same,
    loses: filled ? `the padding of ${visit.label} makes them differ at the borders` : null,
  });
  return [0];
};

/** Sums and means over other axes. */
export const reduce: UnitRule = (building, visit) => {
  const from = building.at(visit, 0);
  const rank = shapeOf(visit, 0)?.length ?? null;
  const axes = intsOrInput(visit, 'axes', 1);
  if (from === null || rank === null || axes === null || axes === 'unknown') return [];
  const over = axes.map((axis) => axisOf(axis, rank));
  const { axis, units } = building.value(from);
  if (over.includes(axis) || over.includes(null)) return [];
  const kept = int(visit, 'keepdims') !== 0;
  const before = over.filter((at) => at !== null && at < axis).length;
  const to = building.give(visit, kept ? axis : axis - before, units);
  const even = /^Reduce(Mean|Max|Min)$/.test(visit.node.op);
  building.steps.push({
    kind: 'each',
    from,
    to,
    by: even ? same : zeroOnly,
    loses: even ? null : `${visit.label} (${visit.node.op}) is not evaluated`,
  });
  return [0];
};

/** Neighbours and straight lines between them leave a constant what it is. */
export const resize: UnitRule = (building, visit) => {
  const from = building.at(visit, 0);
  const [before, after] = [shapeOf(visit, 0), visit.outputs[0]?.shape ?? null];
  if (from === null || before === null || after === null) return [];
  const { axis, units } = building.value(from);
  const scales = sureNumbers(visit, visit.node.op === 'Upsample' ? 1 : 2) ?? ints(visit, 'scales');
  // Sizes would name the number of channels.
  if ((visit.node.inputs[3] ?? '') !== '' || scales?.[axis] !== 1 || after[axis] !== units.length) return [];
  const even = (text(visit, 'mode') ?? 'nearest') !== 'cubic';
  const clipped = text(visit, 'coordinate_transformation_mode') === 'tf_crop_and_resize';
  const to = building.give(visit, axis, units);
  building.steps.push({
    kind: 'each',
    from,
    to,
    by: even && !clipped ? same : zeroOnly,
    loses: even && !clipped ? null : `${visit.label} (${visit.node.op}) is not evaluated`,
  });
  return [0];
};

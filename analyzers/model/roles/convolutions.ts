import { int, shapeOf } from '../shapes/call.ts';
import { product } from '../shapes/known.ts';
import { isData, isWeight, range } from './role.ts';
import type { Rule, StepInputs } from './role.ts';

/** O x I/g x k...: rows are output channels, columns input channel by kernel position. */
export const conv =
  (x: number, w: number, steps?: StepInputs): Rule =>
  (call, outputs) => {
    const shape = shapeOf(call, w);
    if (!isWeight(call, w) || !isData(call, x) || shape === null || shape.length < 3) return [];
    const groups = int(call, 'group') ?? 1;
    const depthwise = groups > 1 && shape[1] === 1;
    const out = outputs[0]?.shape ?? null;
    const places =
      out === null ? null : int(call, 'channels_last') === 1 ? out.slice(0, -1) : [out[0]!, ...out.slice(2)];
    return [
      {
        input: w,
        op: depthwise ? 'depthwise' : 'conv',
        rows: [0],
        cols: range(1, shape.length),
        // Of one element for a depthwise one: no group of it is ever whole.
        reduction: 1,
        positions: product(shape.slice(2)) ?? 1,
        uses: places === null ? null : product(places),
        reads: x,
        ...(groups > 1 && shape[0]! % groups === 0 && { rowGroups: groups }),
        ...(steps && { steps: { scale: steps[0], zeroPoint: steps[1], axis: 0 } }),
      },
    ];
  };

/** I x O/g x k...: each group of inputs has outputs of its own, so rows are group by output. Every input place meets every weight. */
export const convTranspose: Rule = (call) => {
  const shape = shapeOf(call, 1);
  const x = shapeOf(call, 0);
  if (!isWeight(call, 1) || !isData(call, 0) || shape === null || shape.length < 3) return [];
  const groups = int(call, 'group') ?? 1;
  const depthwise = groups > 1 && groups === shape[0];
  return [
    {
      input: 1,
      op: depthwise ? 'depthwise' : 'conv',
      // After the split: group, I/g, O/g, k...
      rows: [0, 2],
      cols: [1, ...range(3, shape.length + 1)],
      reduction: depthwise ? null : 1,
      positions: product(shape.slice(2)) ?? 1,
      uses: x === null ? null : product([x[0]!, ...x.slice(2)]),
      reads: 0,
      groups,
    },
  ];
};

import { isFloating } from '../dtype.ts';
import { int, shapeOf } from '../shapes/call.ts';
import { axisOf, product } from '../shapes/known.ts';
import { stepsAndBatch } from '../shapes/sequences.ts';
import type { Traced } from '../trace.ts';
import { isData, isWeight, range } from './role.ts';
import type { Role, Rule, StepInputs } from './role.ts';

/** Per direction gates x hidden by inputs (W), by hidden (R); used once a step. */
export const recurrent: Rule = (call) => {
  const { steps, batch } = stepsAndBatch(call);
  const uses = steps === null || batch === null ? null : steps * batch;
  return [1, 2].flatMap((input): Role[] => {
    if (!isWeight(call, input) || shapeOf(call, input)?.length !== 3) return [];
    const reads = input === 1 ? 0 : null;
    return [{ input, op: 'recurrent', rows: [0, 1], cols: [2], reduction: 2, positions: 1, uses, reads }];
  });
};

/** Dynamically quantised LSTM: W and R stand transposed, [directions, inputs, gates x hidden]. */
export const recurrentTransposed: Rule = (call) => {
  const { steps, batch } = stepsAndBatch(call);
  const uses = steps === null || batch === null ? null : steps * batch;
  return [1, 2].flatMap((input): Role[] => {
    if (!isWeight(call, input) || shapeOf(call, input)?.length !== 3) return [];
    return [
      {
        input,
        op: 'recurrent',
        rows: [0, 2],
        cols: [1],
        reduction: 1,
        positions: 1,
        uses,
        reads: input === 1 ? 0 : null,
        steps: { scale: input === 1 ? 8 : 10, zeroPoint: input === 1 ? 9 : 11, axis: 0 },
      },
    ];
  });
};

/** Query, key and value side by side: inputs x 3 hidden. */
export const attention =
  (weights: readonly number[], steps?: StepInputs): Rule =>
  (call) =>
    weights.flatMap((input): Role[] => {
      if (!isWeight(call, input) || !isData(call, 0) || shapeOf(call, input)?.length !== 2) return [];
      const x = shapeOf(call, 0);
      return [
        {
          input,
          op: 'attention',
          rows: [1],
          cols: [0],
          reduction: 0,
          positions: 1,
          uses: x === null ? null : product(x.slice(0, -1)),
          reads: 0,
          ...(steps && { steps: { scale: steps[0], zeroPoint: steps[1], axis: 1 } }),
        },
      ];
    });

/** A table read by indices that depend on the input: rows are its places. Reading multiplies nothing. */
export function table(call: Traced, input: number, axis: number): Role[] {
  const value = call.inputs[input];
  const rank = value?.shape?.length ?? 0;
  if (!value || !isWeight(call, input) || rank < 2) return [];
  const cols = range(0, rank).filter((i) => i !== axis);
  const role = {
    input,
    op: 'embedding',
    rows: [axis],
    cols,
    reduction: null,
    positions: 1,
    uses: 0,
    reads: null,
  } as const;
  const trained = value.pieces!.every((piece) => isFloating(piece.tensor.dtype) || piece.steps !== null);
  // Integers that nothing scales later are numbers to look up, not a trained table.
  return trained ? [role] : [{ ...role, steps: { scale: null, zeroPoint: null, axis }, ifScaled: true }];
}

export const gather: Rule = (call) => {
  const axis = axisOf(int(call, 'axis') ?? 0, shapeOf(call, 0)?.length ?? 0);
  if (axis === null || !isData(call, 1) || call.inputs[1]?.selected === true) return [];
  return table(call, 0, axis);
};

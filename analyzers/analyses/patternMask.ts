import { ReadError } from '../bytes/errors.ts';
import { limits } from '../bytes/limits.ts';
import { addSquares, blocksOf, keepBlocks, largestBlocks } from '../kernels/blockMask.ts';
import { setBit } from '../kernels/mask.ts';
import { NmMask } from '../kernels/nmMask.ts';
import type { Layer } from '../model/layer.ts';
import { elementsOf } from '../model/tensor.ts';
import { formOf } from '../model/view.ts';
import type { PrunePattern } from '../report/layerReport.ts';
import type { PruneRule } from '../report/recipe.ts';
import { bitsFor } from './maskBits.ts';
import type { Sweep } from './sweeps.ts';

/** Rules that keep weights by where they stand beside others. */
export type PatternRule = Extract<PruneRule, { kind: 'nm' | 'block' | 'filters' | 'columns' }>;

export interface PatternMask {
  readonly bits: Uint32Array;
  /** Null where the pattern has nothing to run along: then every non-zero is kept. */
  readonly pattern: PrunePattern | null;
}

type PatternLayer = Pick<Layer, 'rows' | 'cols' | 'view' | 'weight'>;

/** The mask of a structured rule from a stream of scores: N:M in one pass, the others in two. */
export const patternMask = (layer: PatternLayer, rule: PatternRule, scores: Sweep): Promise<PatternMask> =>
  rule.kind === 'nm' ? nmMask(layer, rule, scores) : blockMask(layer, rule, scores);

async function nmMask(
  layer: PatternLayer,
  { n, m }: Extract<PatternRule, { kind: 'nm' }>,
  scores: Sweep,
): Promise<PatternMask> {
  const { reduction } = formOf(layer);
  const weights = elementsOf(layer.weight.shape);
  const bits = bitsFor(weights);
  if (reduction === null) {
    await scores((values, first) => {
      for (let i = 0; i < values.length; i += 1) {
        const score = Math.abs(values[i]!);
        if (score > 0 && score <= Number.MAX_VALUE) setBit(bits, first + i);
      }
    });
    return { bits, pattern: null };
  }
  const { size, inner, axis } = reduction;
  if (n * inner > limits.nmScores)
    throw new ReadError(
      'limits/shape-overflow',
      '',
      `${layer.weight.name} has ${inner.toString()} groups of ${m.toString()} side by side, more than nm=${n.toString()}:${m.toString()} can be chosen in; prune it by density or threshold`,
    );
  const chosen = new NmMask(bits, { n, m }, reduction);
  await scores((values, first) => {
    chosen.add(values, first);
  });
  return {
    bits,
    pattern: {
      kind: 'nm',
      groups: size === 0 ? 0 : (weights / size) * Math.floor(size / m),
      keptGroups: chosen.keptGroups,
      axis,
      remainder: size % m,
    },
  };
}

async function blockMask(
  layer: PatternLayer,
  rule: Exclude<PatternRule, { kind: 'nm' }>,
  scores: Sweep,
): Promise<PatternMask> {
  const { map } = formOf(layer);
  const { rows, cols } = layer;
  const block =
    rule.kind === 'block'
      ? { rows: rule.rows, cols: rule.cols }
      : rule.kind === 'filters'
        ? { rows: 1, cols }
        : { rows, cols: 1 };
  if (Math.ceil(rows / block.rows) * Math.ceil(cols / block.cols) > limits.blocks)
    throw new ReadError(
      'limits/shape-overflow',
      '',
      `${layer.weight.name} has more than ${limits.blocks.toString()} blocks of ${block.rows.toString()} x ${block.cols.toString()}; choose larger ones, or prune it by density`,
    );
  const bits = bitsFor(elementsOf(layer.weight.shape));
  const blocks = blocksOf(layer, block);
  const squares = new Float64Array(blocks.sizes.length);
  await scores((values, first) => {
    addSquares(squares, blocks, map, values, first);
  });
  const marked = largestBlocks(squares, blocks.sizes, Math.round(rule.density * squares.length));
  await scores((values, first) => {
    keepBlocks(bits, marked, blocks, map, values, first);
  });
  return {
    bits,
    pattern: {
      kind: rule.kind,
      groups: squares.length,
      keptGroups: marked.reduce((n, mark) => n + (mark === 2 ? 1 : 0), 0),
      axis: null,
      remainder: rule.kind === 'block' ? blocks.cut : 0,
    },
  };
}

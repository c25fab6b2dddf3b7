import type { Sources } from '../bytes/sources.ts';
import { biasOf, findBias, type Biases } from './biases.ts';
import type { Effect, Visit } from './context.ts';
import type { Layer, LayerList, Norm, Quantisation } from './layer.ts';
import { layerProblems } from './layerProblems.ts';
import type { LayerFacts } from './layerProblems.ts';
import { macsOf } from './macs.ts';
import type { Model } from './model.ts';
import { distinctNames, layerName } from './naming.ts';
import { findNorm, normBehind, readersIn, type Norms } from './norms.ts';
import { elementsOf } from './tensor.ts';
import type { Tensor } from './tensor.ts';
import { placeOf } from './sharedBytes.ts';
import { usesByWeight, withTies } from './ties.ts';
import { findUses, noFindings } from './uses.ts';
import type { Use } from './uses.ts';
import { viewOf } from './layerView.ts';
import { walkModel } from './walk.ts';

/**
 * The layers of a model: one for each stored tensor that a node multiplies with (or looks up), in order of first use.
 * Tensors that are the same bytes read in the same way are one.
 * Reads the small tensors that shapes follow from, never a weight.
 */
export async function layersOf(model: Model, sources: Sources, signal: AbortSignal): Promise<LayerList> {
  const found = noFindings();
  const norms: Norms = new Map();
  const biases: Biases = new Map();
  const visited = (visit: Visit): Effect => {
    findNorm(visit, norms);
    findBias(visit, biases);
    return findUses(visit, found);
  };
  const walk = await walkModel(model, sources, visited, signal);
  const readers = readersIn(model.graph);
  const uses = found.uses.filter(({ role, steps }) => role.ifScaled !== true || steps?.scale);
  const weights = usesByWeight(uses);
  const firstUses = weights.map((own) => own[0]!);
  const names = distinctNames(
    firstUses.map((use, index) => layerName(use.piece.tensor.name, use.node, use.role.op, index)),
  );
  const first = firstUses.findIndex((use) => use.readsInput && use.role.op !== 'embedding');
  const facts: LayerFacts[] = [];
  const untied = weights.map((own, index) =>
    layerOf(own, index, names[index]!, index === first, facts, (rows) => ({
      norm: normBehind(own, rows, norms, readers),
      bias: biasOf(own, rows, biases, readers),
    })),
  );
  const stored = firstUses.map(({ piece }) => piece.tensor);
  const layers = withTies(untied, stored, model.tensors);
  // The same bytes are the same parameters.
  const trained = new Map(
    [...stored, ...found.trained].map(
      (tensor) => [placeOf(tensor) ?? tensor, elementsOf(tensor.shape)] as const,
    ),
  );
  const parameters = [...trained.values()].reduce((n, elements) => n + elements, 0);
  return {
    layers,
    // A packed weight has more elements than its stored form.
    parameters:
      parameters +
      layers.reduce(
        (n, { weight, follows }, i) =>
          follows === undefined ? n + elementsOf(weight.shape) - elementsOf(stored[i]!.shape) : n,
        0,
      ),
    symbolicBatch: uses.some((use) => use.assumed && use.role.uses !== null && use.role.uses > 0),
    problems: layerProblems(model, layers, facts, found.computed, walk.cutOff),
  };
}

function layerOf(
  uses: readonly Use[],
  index: number,
  name: string,
  first: boolean,
  facts: LayerFacts[],
  behind: (rows: number) => { readonly norm: Norm | null; readonly bias: Tensor | null },
): Layer {
  const { piece, role, operator } = uses[0]!;
  const { packed } = role;
  const steps = uses.find((use) => use.steps !== null)?.steps ?? null;
  const refusal = packed?.reason ?? steps?.refusal ?? null;
  const own = packed === undefined ? viewOf(piece.layout, role) : packedView(packed.rows, packed.cols);
  facts.push({ refusal, asStored: own.asStored, steps });
  const weight = refusal === null ? piece.tensor : unreadable(piece.tensor, refusal, packed);
  const quantisation: Quantisation | null =
    steps === null || refusal !== null
      ? null
      : { scale: steps.scale, zeroPoint: steps.zeroPoint, axis: steps.axis };
  const { norm, bias } = behind(own.rows);
  const twins = new Set(uses.flatMap((use) => use.piece.index ?? []));
  if (piece.index !== null) twins.delete(piece.index);
  return {
    index,
    name,
    op: role.op,
    tensorIndex: piece.index,
    weight,
    usedBy: [...new Set(uses.map((use) => use.label))],
    operator,
    rows: own.rows,
    cols: own.cols,
    view: own.view,
    quantisation,
    ...(role.rowGroups !== undefined && !own.asStored && { groups: role.rowGroups }),
    ...(norm === null ? {} : { norm }),
    ...(bias === null ? {} : { bias }),
    macs: macsOf(uses),
    first,
    ...(twins.size === 0 ? {} : { twins: [...twins] }),
  };
}

const packedView = (rows: number, cols: number) => ({
  view: { shape: [rows, cols], rowAxes: [0], colAxes: [1], reductionAxis: 1, positions: 1 },
  rows,
  cols,
  asStored: false,
});

/** The weight of a layer whose stored form is told, but not read. */
const unreadable = (
  tensor: Tensor,
  reason: string,
  packed: { rows: number; cols: number } | undefined,
): Tensor => ({
  ...tensor,
  shape: packed === undefined ? tensor.shape : [packed.rows, packed.cols],
  data: {
    kind: 'none',
    code: 'onnx/weights-packed',
    reason: `${tensor.name} is listed, but not read: ${reason}`,
  },
});

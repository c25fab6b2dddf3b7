import type { Layer } from './layer.ts';
import type { Model } from './model.ts';
import type { Problem } from './problem.ts';
import type { Steps } from './value.ts';

/** What was noted of a layer when it was made. */
export interface LayerFacts {
  /** Why its weight is not read although it is there. */
  readonly refusal: string | null;
  /** Its rows and columns are those of the stored tensor, since the way to its use mixes them. */
  readonly asStored: boolean;
  readonly steps: Steps | null;
}

/** What the layer rules have to tell: one problem a kind, with how many it concerns and the first of them. */
export function layerProblems(
  model: Model,
  layers: readonly Layer[],
  facts: readonly LayerFacts[],
  computed: readonly string[],
  cutOff: string | null,
): readonly Problem[] {
  const problems: Problem[] = [];
  const file = model.name;
  const tell = (
    severity: Problem['severity'],
    code: string,
    message: string,
    tensor: string | null = null,
  ) => {
    problems.push({ severity, code, message, at: { file, tensor, offset: null } });
  };
  const generated = layers.filter((layer) => layer.tensorIndex === null && layer.weight.data.kind === 'none');
  if (generated.length > 0) {
    tell(
      'warning',
      'onnx/weights-generated',
      `${count(generated.length, 'weight')} of this model ${are(generated.length)} made by operators such as ConstantOfShape when it runs, not stored: ` +
        `the file has the structure of a network without its numbers. Shapes and MACs are told; sizes cannot be.`,
      generated[0]!.weight.name,
    );
  }
  const refused = layers.filter((_, i) => facts[i]!.refusal !== null);
  if (refused.length > 0) {
    const reason = facts.find((fact) => fact.refusal !== null)!.refusal!;
    tell(
      'warning',
      'onnx/weights-packed',
      `${count(refused.length, 'weight')} (${refused[0]!.name}${refused.length > 1 ? ' and others' : ''}) cannot be read as numbers: ${reason}.`,
      refused[0]!.weight.name,
    );
  }
  const bare = layers.filter((layer) => layer.quantisation !== null && layer.quantisation.scale === null);
  if (bare.length > 0) {
    tell(
      'note',
      'onnx/scale-unknown',
      `The scale of ${count(bare.length, 'quantised weight')} (${bare[0]!.name}${bare.length > 1 ? ' and others' : ''}) was not found; the values are told in steps of it, as if it were 1.`,
      bare[0]!.weight.name,
    );
  }
  const mixed = layers.filter((_, i) => facts[i]!.asStored);
  if (mixed.length > 0) {
    tell(
      'note',
      'onnx/view-as-stored',
      `${count(mixed.length, 'weight')} (${mixed[0]!.name}${mixed.length > 1 ? ' and others' : ''}) ${are(mixed.length)} rearranged before use in a way that rows and columns cannot follow; the view is that of the stored tensor.`,
      mixed[0]!.weight.name,
    );
  }
  const foreign = layers.filter((layer) => layer.op === 'other');
  if (foreign.length > 0) {
    tell(
      'note',
      'onnx/unknown-operator',
      `${count(foreign.length, 'weight')} ${are(foreign.length)} read by operators that are not known here (${[...new Set(foreign.map((layer) => layer.operator))].slice(0, 5).join(', ')}); rows are the stored tensor's first axis, MACs are not counted.`,
      foreign[0]!.weight.name,
    );
  }
  if (computed.length > 0) {
    tell(
      'note',
      'onnx/weights-computed',
      `${count(computed.length, 'node')} (${computed[0]!}${computed.length > 1 ? ' and others' : ''}) multiply with a weight that the graph computes from constants; it is not listed as a layer. Fold constants when exporting to see it.`,
    );
  }
  if (cutOff !== null) {
    tell(
      'warning',
      'limits/calls',
      `Functions call each other too deeply, in a circle or too often to be followed (${cutOff}); layers in them may be missing.`,
    );
  }
  return problems;
}

const count = (n: number, what: string): string => `${n.toString()} ${what}${n === 1 ? '' : 's'}`;
const are = (n: number): string => (n === 1 ? 'is' : 'are');

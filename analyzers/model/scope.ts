import type { Attribute, Graph, GraphFunction, GraphNode, ValueInfo } from './graph.ts';
import { isWhole } from './shapes/known.ts';
import type { Shape } from './shapes/known.ts';
import { plain } from './value.ts';
import type { Value } from './value.ts';

/** Names of one graph, and of those around it. A name bound to null is an argument that a caller left out. */
export interface Scope {
  readonly around: Scope | null;
  readonly values: Map<string, Value | null>;
  /** Declared shapes of this graph's values. */
  readonly declared: ReadonlyMap<string, ValueInfo>;
}

/** A branch of one If, at one of its runs. */
export interface Choice {
  readonly at: object;
  readonly branch: string;
}

/** One run of a list of nodes: of a graph, of a branch, of a function at one of its calls. */
export interface Frame {
  readonly around: Frame | null;
  /** How often this runs for one run of what is around it; null when unknown, known for loops only after their body. */
  times: number | null;
  /** Set for a branch of an If. */
  readonly choice: Choice | null;
  /** Put before names of nodes, 'encoder/' in the function that node encoder calls. */
  readonly prefix: string;
  readonly depth: number;
  /** The function that this is a call of. */
  readonly callee: GraphFunction | null;
  /** Arguments of that function's attributes. */
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export const outermost: Frame = {
  around: null,
  times: 1,
  choice: null,
  prefix: '',
  depth: 0,
  callee: null,
  attributes: new Map(),
};

export function openScope(around: Scope | null, graph: Graph | null): Scope {
  const infos = graph === null ? [] : [...graph.inputs, ...graph.values, ...graph.outputs];
  return { around, values: new Map(), declared: new Map(infos.map((info) => [info.name, info])) };
}

/** The value of a name; null when the name is '' or stands for an argument left out. */
export function lookUp(scope: Scope, name: string): Value | null {
  if (name === '') return null;
  for (let at: Scope | null = scope; at !== null; at = at.around) {
    const value = at.values.get(name);
    if (value !== undefined) return value;
  }
  // Not defined, or only further down: nothing is known of it.
  return { ...plain, name };
}

/** What stands before names in a call or a branch; names of names of names are cut to their end. */
export const prefixOf = (label: string): string =>
  `${label.length > longest ? `...${label.slice(-longest)}` : label}/`;
const longest = 512;

/** Declared extents: symbols stand for what `symbols` says of them, else for nothing known. */
export function declaredShape(
  info: ValueInfo | undefined,
  symbols: ReadonlyMap<string, number>,
): Shape | null {
  if (info === undefined || info.shape === null) return null;
  return info.shape.map((extent) =>
    typeof extent === 'number'
      ? extent > 0
        ? extent
        : null
      : extent === null
        ? null
        : (symbols.get(extent) ?? null),
  );
}

/** A node with its function's arguments in place of references; an argument that was not given is left out. */
export function resolved(node: GraphNode, frame: Frame): GraphNode {
  let changed: Map<string, Attribute> | null = null;
  for (const [name, attribute] of node.attributes) {
    if (attribute.kind !== 'reference') continue;
    changed ??= new Map(node.attributes);
    const argument = frame.attributes.get(attribute.name);
    if (argument === undefined) changed.delete(name);
    else changed.set(name, argument);
  }
  return changed === null ? node : { ...node, attributes: changed };
}

/** Runs of a frame for one inference; null when one of the loops around it is not counted. */
export function runsOf(frame: Frame): number | null {
  let runs: number | null = 1;
  for (let at: Frame | null = frame; at !== null; at = at.around) {
    if (at.times === 0) return 0;
    runs = runs === null || at.times === null ? null : runs * at.times;
  }
  return runs;
}

/** The branches of Ifs that a frame lies in: one inference runs only one branch of each. */
export function choicesOf(frame: Frame): readonly Choice[] {
  const choices: Choice[] = [];
  for (let at: Frame | null = frame; at !== null; at = at.around)
    if (at.choice !== null) choices.push(at.choice);
  return choices;
}

export const sameShape = (a: Shape | null, b: Shape | null): boolean =>
  isWhole(a) && isWhole(b) && a.length === b.length && a.every((extent, i) => extent === b[i]);

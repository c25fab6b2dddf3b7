import type { EieMachine } from '../report/eie.ts';
import { eieAxes, eieBounds, type EieActivations, type EieAsk } from '../report/eieStudy.ts';
import { energyLimits, priceKeys, type EnergyPrices, type EnergyTable } from '../report/energyTable.ts';
import { layerOps, ruleConditions, runCodings, type Recipe, type RecipeRule } from '../report/recipe.ts';
import { studyKinds, type StudyKind } from '../report/studies.ts';
import type { TileWindow } from '../report/tile.ts';
import type { Guards } from './channel.ts';
import type { ExportFormat, HostContract, ViewContract } from './contracts.ts';

/** Caps on what a page may send, and why. */
export const messageLimits = {
  /** Rules of one recipe. The page writes at most one a layer; models have up to a few thousand layers. */
  rules: 10_000,
  /** Characters of a rule's pattern: a name of 4,096 with every character in brackets, with room. */
  match: 16_384,
  /** Characters of a rule's value; the longest that means anything has about 30. */
  value: 128,
  /** Files that a recipe names for running the model, and characters of such a name. */
  inputs: 10_000,
  path: 4_096,
  /** Budgets of one recipe; seven are known. */
  budgets: 32,
  /** Cells along one side of a tile: the longest side of a screen of today. */
  tileSide: 4_096,
  /** Characters of a problem's code. */
  code: 128,
} as const;

type Check<T> = (value: unknown) => value is T;

const isBoolean: Check<boolean> = (value) => typeof value === 'boolean';
const isNull: Check<null> = (value) => value === null;
/** No arguments: undefined, which JSON between page and host turns into null or leaves out. */
const isNothing: Check<void> = (value): value is void => value === undefined || value === null;
const isFinite: Check<number> = (value): value is number => Number.isFinite(value);

const text =
  (most: number): Check<string> =>
  (value): value is string =>
    typeof value === 'string' && value.length <= most;

const integer =
  (least: number, most: number): Check<number> =>
  (value): value is number =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

const oneOf = <const T extends string>(...values: readonly T[]): Check<T> => {
  const known: ReadonlySet<unknown> = new Set(values);
  return (value): value is T => known.has(value);
};

const either =
  <A, B>(a: Check<A>, b: Check<B>): Check<A | B> =>
  (value): value is A | B =>
    a(value) || b(value);

const list =
  <T>(item: Check<T>, most: number): Check<readonly T[]> =>
  (value): value is readonly T[] =>
    // Array.from sees the holes of a sparse array; `every` would step over them.
    Array.isArray(value) && value.length <= most && Array.from<unknown>(value).every(item);

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const table =
  <T>(item: Check<T>, most: number): Check<Readonly<Record<string, T>>> =>
  (value): value is Readonly<Record<string, T>> =>
    isPlain(value) &&
    Object.keys(value).length <= most &&
    Object.keys(value).every((key) => key.length <= messageLimits.value && item(value[key]));

type Checks<T> = { readonly [K in keyof T]-?: Check<Exclude<T[K], undefined>> };

/** An object with these keys and no other; those in `optional` may be missing. */
const object =
  <T>(checks: Checks<T>, optional: readonly (keyof T)[] = []): Check<T> =>
  (value): value is T =>
    isPlain(value) &&
    Object.keys(value).every((key) => Object.hasOwn(checks, key)) &&
    (Object.keys(checks) as (keyof T & string)[]).every((key) =>
      Object.hasOwn(value, key) && value[key] !== undefined
        ? checks[key](value[key])
        : optional.includes(key),
    );

const isRule: Check<RecipeRule> = object<RecipeRule>(
  {
    match: text(messageLimits.match),
    op: oneOf(...layerOps),
    when: oneOf(...ruleConditions),
    prune: text(messageLimits.value),
    share: text(messageLimits.value),
    index: text(messageLimits.value),
    batchNorm: oneOf('as-stored', 'folded'),
  },
  ['op', 'when', 'prune', 'share', 'index', 'batchNorm'],
);

/** Shape and size of a recipe; what its texts mean is checked where they are parsed. */
export const isRecipe: Check<Recipe> = object<Recipe>({
  preset: oneOf('as-is', 'deep-compression', 'eie'),
  lossless: isBoolean,
  layers: list(isRule, messageLimits.rules),
  inputs: either(isNull, list(text(messageLimits.path), messageLimits.inputs)),
  budgets: table(isFinite, messageLimits.budgets),
  budget: either(isNull, text(messageLimits.value)),
  runs: oneOf(...runCodings),
});

const index = integer(0, Number.MAX_SAFE_INTEGER);
const side = integer(1, messageLimits.tileSide);

const isRange: Check<readonly [number, number]> = (value): value is readonly [number, number] =>
  Array.isArray(value) && value.length === 2 && index(value[0]) && index(value[1]) && value[0] < value[1];

const isWindow: Check<TileWindow> = object<TileWindow>({
  rows: isRange,
  cols: isRange,
  width: side,
  height: side,
});

const within = ([least, most]: readonly [number, number]): Check<number> => integer(least, most);

const isMachine: Check<EieMachine> = object<EieMachine>({
  pes: within(eieBounds.pes),
  fifo: within(eieBounds.fifo),
  indexBits: within(eieBounds.indexBits),
  codeBits: within(eieBounds.codeBits),
  sramBits: within(eieBounds.sramBits),
  clockMhz: within(eieBounds.clockMhz),
  biasColumn: oneOf('empty', 'layer', 'none'),
});

/** A page has no vector of its own to send. */
const isActivations = either(
  object<Extract<EieActivations, { kind: 'all-active' }>>({ kind: oneOf('all-active') }),
  object<Extract<EieActivations, { kind: 'density' }>>({
    kind: oneOf('density'),
    density: (value): value is number => isFinite(value) && value >= 0 && value <= 1,
    seed: integer(0, 2 ** 32 - 1),
  }),
) as Check<EieActivations>;

const isPrice: Check<number> = (value): value is number =>
  isFinite(value) && value >= 0 && value <= energyLimits.price;

const isEnergy: Check<EnergyTable> = object<EnergyTable>({
  ...(Object.fromEntries(priceKeys.map((key) => [key, isPrice])) as Record<
    keyof EnergyPrices,
    Check<number>
  >),
  name: text(messageLimits.value),
  edited: list(oneOf(...priceKeys), priceKeys.length),
});

const isEieAsk: Check<EieAsk> = object<EieAsk>(
  {
    machine: isMachine,
    activations: isActivations,
    axes: list(oneOf(...eieAxes), eieAxes.length),
    convolutions: isBoolean,
    energy: isEnergy,
  },
  ['energy'],
);

interface AskedStudy {
  readonly layer: number;
  readonly what: StudyKind;
  readonly eie?: EieAsk;
}

const isExport: Check<ExportFormat> = oneOf('json', 'csv', 'md', 'html');

/** What the host accepts from a page: a file's content may have taken the page over. */
export const hostGuards: Guards<HostContract> = {
  ready: isNothing,
  analyze: object({ recipe: isRecipe }),
  tile: object({ layer: index, window: isWindow, pruned: isBoolean }),
  excerpt: object({ offset: either(isNull, index) }),
  study: object<AskedStudy>({ layer: index, what: oneOf(...studyKinds), eie: isEieAsk }, ['eie']),
  exportReport: object({ as: isExport }),
  writeModel: object({ recipe: isRecipe, what: oneOf('compress', 'export'), removeDeadUnits: isBoolean }),
  revealWritten: isNothing,
  saveRecipe: object({ recipe: isRecipe }),
  openAs: object({
    what: oneOf('hex', 'text', 'problems'),
    code: either(isNull, text(messageLimits.code)),
  }),
};

/** What a page accepts from its host. */
export const viewGuards: Guards<ViewContract> = {
  changed: object({ reason: oneOf('changed', 'missing') }),
  rerun: object({ recipe: either(isNull, isRecipe) }),
  select: object({ layer: either(isNull, index) }),
};

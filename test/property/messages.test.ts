import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Caller, serve } from '../../analyzers/rpc/channel.ts';
import { publishedEie } from '../../analyzers/report/eie.ts';
import { publishedEnergy } from '../../analyzers/report/energyTable.ts';
import type { HostContract, ViewContract } from '../../analyzers/rpc/contracts.ts';
import { hostGuards, messageLimits, viewGuards } from '../../analyzers/rpc/guard.ts';
import { testPort } from '../support/ports.ts';

const recipe = {
  preset: 'deep-compression',
  lossless: false,
  layers: [{ match: '*', op: 'conv', when: 'first', prune: 'std=1', share: '5:optimal', index: 'best' }],
  inputs: null,
  budgets: { bytes: 1000 },
  budget: 'factor=20',
  runs: 'padding',
};
const window = { rows: [0, 10], cols: [2, 4], width: 20, height: 10 };

const ask = {
  machine: publishedEie,
  activations: { kind: 'density', density: 0.35, seed: 1 },
  axes: ['fifo', 'pes'],
  convolutions: false,
  energy: { ...publishedEnergy, dramRead32Pj: 320, edited: ['dramRead32Pj'] },
};

/** Arguments of the right shape, a method each. */
const good: Record<string, unknown> = {
  ready: undefined,
  analyze: { recipe },
  tile: { layer: 0, window, pruned: true },
  excerpt: { offset: 1_048_576 },
  study: { layer: 2, what: 'eie', eie: ask },
  exportReport: { as: 'md' },
  writeModel: { recipe, what: 'export', removeDeadUnits: false },
  saveRecipe: { recipe: { ...recipe, layers: [] } },
  openAs: { what: 'problems', code: 'file/empty' },
  changed: { reason: 'missing' },
  rerun: { recipe: null },
  select: { layer: 3 },
};

const methods = [...Object.keys(good), 'toString', '__proto__', 'constructor', 'nothing'];

/** A copy of `value` with one place in it replaced, removed, or added to. */
const broken = (value: unknown, junk: unknown, pick: number): unknown => {
  if (typeof value !== 'object' || value === null) return junk;
  const entries = Object.entries(value);
  const at = pick % (entries.length + 2);
  if (at === entries.length)
    return Array.isArray(value) ? [...(value as unknown[]), junk] : { ...value, extra: junk };
  if (at === entries.length + 1) return junk;
  const [key, inner] = entries[at] as [string, unknown];
  const changed = broken(inner, junk, Math.floor(pick / 7));
  if (Array.isArray(value)) return value.map((v: unknown, i) => (i === Number(key) ? changed : v));
  return pick % 3 === 0
    ? Object.fromEntries(entries.filter(([k]) => k !== key))
    : { ...value, [key]: changed };
};

const junk = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withTypedArray: true, withSparseArray: true }),
  fc.constantFrom(Number.NaN, Infinity, -1, 0.5, 2 ** 53, -0, '', 'x'.repeat(20_000), null, undefined, []),
);
const args = fc.oneof(
  fc.constantFrom(...methods).map((m) => good[m]),
  fc
    .tuple(fc.constantFrom(...Object.keys(good)), junk, fc.nat(100_000))
    .map(([m, j, n]) => broken(good[m], j, n)),
  junk,
);
const id = fc.oneof(fc.nat(5), junk);
const message = fc.oneof(
  junk,
  fc.record({ kind: fc.constant('call'), id, method: fc.constantFrom(...methods), args }),
  fc.record({ kind: fc.constant('call'), id: fc.nat(1e6), method: fc.constantFrom(...methods), args }),
  fc
    .tuple(fc.nat(1e6), fc.constantFrom(...Object.keys(good)), junk, fc.nat(100_000), fc.nat(3))
    .map(([number, method, j, n, whole]) => ({
      kind: 'call',
      id: number,
      method,
      args: whole === 0 ? good[method] : broken(good[method], j, n),
    })),
  fc.record({ kind: fc.constantFrom('call', 'cancel', 'done', 'failed', 'progress', 'other'), id }),
  fc.record({ kind: fc.constant('failed'), id, error: junk }),
  fc.record({ kind: fc.constant('done'), id, value: junk }),
  fc.record({ kind: fc.constant('progress'), id, value: junk }),
);

// Written a second time and in another way: the guards are the thing under test.
const text = (v: unknown, most: number) => typeof v === 'string' && v.length <= most;
const isRecipeShape = (r: unknown): boolean => {
  const { preset, lossless, layers, inputs, budgets, budget, runs, ...rest } = r as Record<string, unknown>;
  return (
    Object.keys(rest).length === 0 &&
    ['as-is', 'deep-compression', 'eie'].includes(preset as string) &&
    (lossless === true || lossless === false) &&
    (budget === null || text(budget, messageLimits.value)) &&
    (runs === 'escape' || runs === 'padding') &&
    (inputs === null || (Array.isArray(inputs) && inputs.every((i) => text(i, messageLimits.path)))) &&
    Array.isArray(layers) &&
    layers.length <= messageLimits.rules &&
    layers.every((l: Record<string, unknown>) =>
      Object.entries(l).every(([k, v]) =>
        k === 'match' ? text(v, messageLimits.match) : v === undefined || text(v, messageLimits.value),
      ),
    ) &&
    Object.values(budgets as object).every((v) => Number.isFinite(v))
  );
};
const isIndex = (v: unknown) => Number.isSafeInteger(v) && (v as number) >= 0;
const isWithin = (v: unknown, least: number, most: number) =>
  Number.isFinite(v) && (v as number) >= least && (v as number) <= most;
const sameKeys = (a: object, b: object) =>
  Object.keys(a).toSorted().join() === Object.keys(b).toSorted().join();
const isAskShape = ({
  machine,
  activations,
  axes,
  convolutions,
  energy,
}: Record<string, unknown>): boolean => {
  const { biasColumn, ...sizes } = machine as Record<string, unknown>;
  const { kind, density, seed } = activations as Record<string, unknown>;
  return (
    sameKeys(machine as object, publishedEie) &&
    ['empty', 'layer', 'none'].includes(biasColumn as string) &&
    Object.values(sizes).every((v) => Number.isInteger(v) && isWithin(v, 1, 100_000)) &&
    (kind === 'all-active' || (kind === 'density' && isWithin(density, 0, 1) && isIndex(seed))) &&
    (axes as unknown[]).every((axis) => ['fifo', 'pes', 'width', 'index', 'code'].includes(axis as string)) &&
    typeof convolutions === 'boolean' &&
    (energy === undefined || isEnergyShape(energy as Record<string, unknown>))
  );
};
const isEnergyShape = ({ name, edited, ...prices }: Record<string, unknown>): boolean =>
  text(name, 128) &&
  (edited as unknown[]).every((key) => Object.hasOwn(prices, key as string)) &&
  sameKeys({ name, edited, ...prices }, publishedEnergy) &&
  Object.values(prices).every((price) => isWithin(price, 0, 1e9));
const shapes: Record<string, (a: Record<string, unknown>) => boolean> = {
  ready: (a) => a === undefined || a === null,
  analyze: (a) => isRecipeShape(a['recipe']),
  saveRecipe: (a) => isRecipeShape(a['recipe']),
  rerun: (a) => a['recipe'] === null || isRecipeShape(a['recipe']),
  excerpt: (a) => a['offset'] === null || isIndex(a['offset']),
  exportReport: (a) => ['json', 'csv', 'md', 'html'].includes(a['as'] as string),
  study: (a) =>
    isIndex(a['layer']) &&
    ['sensitivity', 'codebooks', 'coders', 'eie', 'breakEven'].includes(a['what'] as string) &&
    (a['eie'] === undefined || isAskShape(a['eie'] as Record<string, unknown>)),
  writeModel: (a) =>
    isRecipeShape(a['recipe']) &&
    ['compress', 'export'].includes(a['what'] as string) &&
    typeof a['removeDeadUnits'] === 'boolean',
  openAs: (a) =>
    ['hex', 'text', 'problems'].includes(a['what'] as string) && (a['code'] === null || text(a['code'], 128)),
  changed: (a) => a['reason'] === 'changed' || a['reason'] === 'missing',
  select: (a) => a['layer'] === null || isIndex(a['layer']),
  tile: (a) => {
    const w = a['window'] as typeof window;
    const ranges = [w.rows, w.cols];
    return (
      isIndex(a['layer']) &&
      typeof a['pruned'] === 'boolean' &&
      ranges.every((r) => r.length === 2 && r.every(isIndex) && r[0]! < r[1]!) &&
      [w.width, w.height].every((n) => Number.isInteger(n) && n >= 1 && n <= 4096)
    );
  },
};

const turn = () => new Promise((resolve) => setImmediate(resolve));
const runs = { seed: 20_150_601, numRuns: 10_000 };

for (const [side, guards, names] of [
  ['host', hostGuards, Object.keys(hostGuards)],
  ['page', viewGuards, Object.keys(viewGuards)],
] as const) {
  test(`10,000 random messages to the ${side}: none throws, and none of a wrong shape reaches a handler`, async () => {
    const port = testPort();
    let reached = 0;
    let calls = 0;
    const handlers = Object.fromEntries(
      names.map((name) => [
        name,
        (a: Record<string, unknown>) => {
          reached += 1;
          assert.ok(shapes[name]?.(a), `${name} got ${JSON.stringify(a)}`);
        },
      ]),
    );
    serve(port, handlers as never, guards as never);
    const caller = new Caller<HostContract & ViewContract>(port);
    // An open call that answers out of nowhere may meet.
    void caller.call('select', { layer: 0 }).catch(() => undefined);
    fc.assert(
      fc.property(message, (m) => {
        const { kind, id: number, method } = (m ?? {}) as Record<string, unknown>;
        if (kind === 'call' && Number.isSafeInteger(number) && typeof method === 'string') calls += 1;
        port.deliver(m);
      }),
      runs,
    );
    await turn();
    await turn();
    const failed = port.posted.filter((m) => m.kind === 'failed');
    for (const m of failed) {
      assert.ok(['unknown-method', 'bad-arguments'].includes(m.error.code), JSON.stringify(m));
    }
    assert.ok(reached > 50, `${reached} good calls got through`);
    const answers = port.posted.filter((m) => m.kind === 'failed' || m.kind === 'done').length;
    assert.ok(answers <= calls && answers > calls / 2, `${answers} answers to ${calls} calls`);
  });
}

test('good arguments pass, and each of them with one thing wrong does not', () => {
  const all: Record<string, (a: unknown) => boolean> = { ...hostGuards, ...viewGuards };
  for (const [name, value] of Object.entries(good)) assert.equal(all[name]?.(value), true, name);
  const many = Array.from({ length: messageLimits.rules + 1 }, () => ({ match: '*' }));
  const wrong: [string, unknown][] = [
    ['analyze', { recipe: { ...recipe, layers: many } }],
    ['analyze', { recipe: { ...recipe, layers: [{ match: 'x'.repeat(messageLimits.match + 1) }] } }],
    ['analyze', { recipe: { ...recipe, layers: [{ prune: 'none' }] } }],
    ['analyze', { recipe: { ...recipe, budgets: { bytes: Number.NaN } } }],
    ['analyze', { recipe: { ...recipe, preset: 'best' } }],
    ['analyze', { recipe: { ...recipe, runs: 'none' } }],
    ['analyze', { recipe: { ...recipe, inputs: [1] } }],
    ['analyze', { recipe, more: 1 }],
    ['tile', { layer: 0, window: { ...window, width: 4097 }, pruned: true }],
    ['tile', { layer: 0, window: { ...window, height: 0 }, pruned: true }],
    ['tile', { layer: 0, window: { ...window, rows: [5, 5] }, pruned: true }],
    ['tile', { layer: 0, window: { ...window, rows: [0, 2 ** 53] }, pruned: true }],
    ['tile', { layer: -1, window, pruned: true }],
    ['tile', { layer: 0.5, window, pruned: true }],
    ['excerpt', { offset: -1 }],
    ['excerpt', { offset: 0.5 }],
    ['excerpt', { offset: 2 ** 53 }],
    ['excerpt', { offset: '0' }],
    ['excerpt', { offset: 0, length: 1_000_000 }],
    ['excerpt', {}],
    ['exportReport', { as: 'pdf' }],
    ['openAs', { what: 'text', code: 'x'.repeat(129) }],
    ['openAs', { what: 'text' }],
    ['ready', {}],
    ['select', { layer: '0' }],
    ['rerun', {}],
  ];
  for (const [name, value] of wrong)
    assert.equal(all[name]?.(value), false, JSON.stringify([name, value]).slice(0, 200));
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { analyzeLayer } from '../../analyzers/analyses/analyzeLayer.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import { heavyTailed } from '../support/heavyTailed.ts';
import { denseLayer, recipeOf } from '../support/layerFixture.ts';

interface Table {
  readonly models: readonly {
    readonly name: string;
    readonly rows: readonly (readonly [
      string,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ])[];
  }[];
}

const table = JSON.parse(readFileSync('test/golden/papers/deepCompression.json', 'utf8')) as Table;
const rows = table.models.find(({ name }) => name === 'VGG-16')?.rows ?? [];

/** Weights of a published layer, drawn anew on every pass, pruned to the published density and shared in its bits. */
async function layerOf(
  [name, weights, density, codeBits, , indexBits]: Table['models'][number]['rows'][number],
  seed: number,
  method: string,
): Promise<LayerReport> {
  const outputs = Math.min(4096, weights & -weights);
  const rule = {
    prune: `density=${(density / 100).toString()}`,
    share: `${codeBits.toString()}:${method}`,
    index: indexBits.toString(),
  };
  return analyzeLayer(
    denseLayer(outputs, weights / outputs, { name }),
    recipeOf(rule),
    heavyTailed(weights, seed),
    {
      signal: new AbortController().signal,
      profile: null,
      progress: () => {},
    },
  );
}

const sum = (
  reports: readonly LayerReport[],
  key: 'dense' | 'shared' | 'codedPaper' | 'coded' | 'slim',
): number => reports.reduce((total, { encode }) => total + (encode?.bits[key] ?? 0), 0);

test('a synthetic VGG-16 of heavy-tailed weights comes to between 43x and 53x with the published method', async (t) => {
  const reports: LayerReport[] = [];
  for (const [at, row] of rows.entries()) {
    const report = await layerOf(row, 1000 + at, 'linear');
    reports.push(report);
    const { bits, indexBitsPruned } = report.encode!;
    const percent = (size: number): string => ((100 * size) / bits.dense).toFixed(2);
    t.diagnostic(
      `${row[0]}: P+Q ${percent(bits.shared)} % (paper ${row[7].toString()}), P+Q+H ${percent(bits.codedPaper)} % (paper ${row[8].toString()}), best index width of P ${String(indexBitsPruned)} (paper ${row[5].toString()})`,
    );
  }
  const dense = sum(reports, 'dense');
  const factor = (key: 'shared' | 'codedPaper' | 'coded' | 'slim'): number => dense / sum(reports, key);
  t.diagnostic(
    `total: P+Q ${factor('shared').toFixed(1)}x (paper 31x), P+Q+H ${factor('codedPaper').toFixed(1)}x (paper 49x), with code tables ${factor('coded').toFixed(1)}x, with an escape for long gaps ${factor('slim').toFixed(1)}x`,
  );
  assert.equal(dense, 32 * 138_344_128);
  assert.ok(factor('codedPaper') >= 43 && factor('codedPaper') <= 53, factor('codedPaper').toFixed(2));
  assert.ok(factor('slim') >= factor('coded'));
});

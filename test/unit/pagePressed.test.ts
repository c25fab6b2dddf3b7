import assert from 'node:assert/strict';
import test from 'node:test';
import type { LayerStudy } from '../../analyzers/rpc/contracts.ts';
import { readKept } from '../../webview/kept.ts';
import type { Session } from '../../webview/session.ts';
import type { State } from '../../webview/store.ts';
import { createStudies } from '../../webview/studies.ts';
import { reportFixture } from '../support/reportFixture.ts';

const [layer, other] = reportFixture.layers as [
  (typeof reportFixture.layers)[0],
  (typeof reportFixture.layers)[0],
];
const state = {
  run: { kind: 'done' },
  summary: reportFixture.model,
  totals: reportFixture.totals,
  kept: readKept(null),
} as unknown as State;

interface Call {
  readonly what: string;
  readonly layer: number;
  readonly signal: AbortSignal;
  readonly progress: (share: number) => void;
  readonly end: (study: LayerStudy) => void;
  readonly fail: (error: Error) => void;
}

function stage(): { studies: ReturnType<typeof createStudies>; calls: Call[]; told: () => number } {
  const calls: Call[] = [];
  let told = 0;
  const study: Session['study'] = (of, what, { signal, progress }) =>
    new Promise((end, fail) => {
      calls.push({ layer: of, what, signal, progress, end, fail });
    });
  const studies = createStudies({ study }, () => {
    told += 1;
  });
  return { studies, calls, told: () => told };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a study is asked for once it is in sight, and given up when it is left', () => {
  const { studies, calls } = stage();
  studies.look({ what: 'eie', layer }, state);
  studies.look({ what: 'eie', layer }, state);
  assert.deepEqual(
    calls.map(({ what }) => what),
    ['eie'],
  );
  calls[0]!.progress(0.5);
  assert.deepEqual(studies.of('eie', layer), { kind: 'running', share: 0.5 });
  studies.look(null, state);
  assert.ok(calls[0]!.signal.aborted);
  assert.equal(studies.of('eie', layer).kind, 'waits');
});

test('a measurement is never asked for by itself, and leaving its layer ends it', () => {
  const { studies, calls } = stage();
  studies.look({ what: 'eie', layer }, state);
  assert.equal(studies.isPressed('breakEven', layer), false);
  studies.press('breakEven', layer);
  assert.equal(studies.isPressed('breakEven', layer), true);
  assert.deepEqual(
    calls.map(({ what, signal }) => [what, signal.aborted]),
    [
      ['eie', false],
      ['breakEven', false],
    ],
  );
  studies.look({ what: 'eie', layer }, state);
  assert.ok(!calls[1]!.signal.aborted, 'a redraw is no leaving');
  studies.look({ what: 'eie', layer: other }, state);
  assert.ok(calls[1]!.signal.aborted);
  assert.equal(studies.isPressed('breakEven', layer), false);
});

test('what was measured stays, and what failed is tried again by the button', async () => {
  const { studies, calls, told } = stage();
  studies.look({ what: 'eie', layer }, state);
  studies.press('breakEven', layer);
  calls[1]!.fail(new Error('the file is gone'));
  await settled();
  assert.deepEqual(studies.of('breakEven', layer), { kind: 'failed', message: 'the file is gone' });
  studies.press('breakEven', layer);
  assert.equal(calls.length, 3);
  const breakEven = { basis: 'measured', batches: [] } as unknown as NonNullable<LayerStudy['breakEven']>;
  calls[2]!.end({ breakEven });
  await settled();
  assert.deepEqual(studies.of('breakEven', layer), { kind: 'done', value: breakEven });
  assert.ok(told() >= 3);
  studies.look(null, state);
  studies.look({ what: 'eie', layer }, state);
  assert.equal(studies.isPressed('breakEven', layer), true, 'it is still known');
});

test('while a run is on nothing is asked', () => {
  const { studies, calls } = stage();
  const busy = { ...state, run: { kind: 'running', done: 0, of: 5 } } as State;
  studies.look({ what: 'eie', layer }, busy);
  studies.press('breakEven', layer);
  assert.equal(calls.length, 0);
});

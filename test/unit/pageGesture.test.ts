import assert from 'node:assert/strict';
import test from 'node:test';
import { gesture, gestureMs } from '../../webview/ui/gesture.ts';

test('answers of older runs do not move a control while keys are pressed', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let ends = 0;
  const held = gesture(() => (ends += 1));
  held.set(90, 'key');
  t.mock.timers.tick(gestureMs - 100);
  held.set(80, 'key');
  t.mock.timers.tick(gestureMs - 100);
  assert.equal(held.value(true), 80);
  assert.equal(ends, 0);
  t.mock.timers.tick(100);
  assert.equal(ends, 1);
});

test('what was set stands until the newest run has answered', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const held = gesture(() => undefined);
  held.set(40, 'key');
  t.mock.timers.tick(gestureMs);
  assert.equal(held.value(false), 40);
  assert.equal(held.value(true), null);
});

test('a drag is one gesture, however long it pauses', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let ends = 0;
  const held = gesture(() => (ends += 1));
  held.set(1, 'pointer');
  t.mock.timers.tick(10 * gestureMs);
  held.set(2, 'pointer');
  assert.equal(ends, 0);
  held.end();
  held.end();
  assert.equal(ends, 1);
});

test('a control that shows another layer forgets what was set', () => {
  const held = gesture(() => undefined);
  held.set(7, 'key');
  held.drop();
  assert.equal(held.value(false), null);
});

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

const folder = 'test/golden/expected';

/**
 * Compares a text with the file of that name under test/golden/expected. After an intended change, run the test with
 * UPDATE_GOLDEN=1, and look at what changed before it is committed.
 */
export function assertGolden(name: string, text: string): void {
  const file = path.join(folder, name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
  assert.ok(fs.existsSync(file), `${file} is missing; make it with UPDATE_GOLDEN=1`);
  assert.equal(text, fs.readFileSync(file, 'utf8'), file);
}

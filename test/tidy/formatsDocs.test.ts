import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { limits } from '../../analyzers/bytes/limits.ts';

const formats = fs.readFileSync('docs/formats.md', 'utf8');
const grouped = (n: number): string => n.toLocaleString('en-US');

test('the limits that the document gives are the ones in force', () => {
  const rows: readonly (readonly [what: string, says: string])[] = [
    ['messages within messages', `${limits.depth.toString()} deep`],
    [
      'messages',
      `${grouped(limits.messages)}, and one for ${limits.bytesPerMessage.toString()} bytes of the file (or ${grouped(limits.messagesFloor)})`,
    ],
    ['names, and numbers in attributes', grouped(limits.values)],
    ['attributes of a node', grouped(limits.attributes)],
    ['tensors', grouped(limits.tensors)],
    ['structure without payloads', `${Math.round(limits.structure / 1e6).toString()} MB`],
    ['one name', `${grouped(limits.name)} bytes`],
    ['dimensions of a tensor', `${limits.rank.toString()}, and 2^53 elements`],
    ['files beside the model', grouped(limits.externalFiles)],
    ['problems that are listed', limits.problems.toString()],
  ];
  const cells = formats.split('\n').map((line) =>
    line
      .split('|')
      .slice(1)
      .map((cell) => cell.trim()),
  );
  for (const [what, says] of rows) {
    const row = cells.find(([first]) => first === what);
    assert.equal(row?.[1], says, what);
  }
});

import type { SourceRef } from '../bytes/source.ts';

/** Numbers of buffers: bytes in memory are known by what they are, not by their name. */
const buffers = new WeakMap<object, number>();
let nextBuffer = 1;

/** A text that is equal for the same file, or the same bytes in memory. */
export function sourceKey(source: SourceRef): string {
  if (source.kind === 'file') return `file ${source.alone === true ? 'alone ' : ''}${source.path}`;
  const number = buffers.get(source.bytes) ?? nextBuffer++;
  buffers.set(source.bytes, number);
  return `bytes ${number.toString()}`;
}

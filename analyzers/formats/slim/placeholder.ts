import type { DType } from '../../model/dtype.ts';
import { entriesOf } from '../../model/writtenAs.ts';
import type { SlimPart } from './header.ts';

type WeightsPart = Exclude<SlimPart, { readonly copy: number }>;

/**
 * Fills `into` with what stands from byte `offset` of a part on in place of its coded numbers: zeros, with the tags
 * before them and in varints of such lengths that a reader of the structure finds as many numbers in as many bytes.
 */
export function placeholder(part: WeightsPart, dtype: DType, offset: number, into: Uint8Array): void {
  const { tag, numbers } = part.written;
  const varint = numbers === 'varint';
  if (!varint && tag.length === 0) {
    into.fill(0);
    return;
  }
  const entries = entriesOf(dtype, part.count);
  const size = Math.floor(part.bytes / entries);
  // The first ones are one byte longer than the others.
  const longer = (part.bytes % entries) * (size + 1);
  for (let i = 0; i < into.length; i += 1) {
    const at = offset + i;
    const length = at < longer ? size + 1 : size;
    const within = at < longer ? at % length : (at - longer) % length;
    into[i] = within < tag.length ? tag[within]! : varint && within < length - 1 ? 128 : 0;
  }
}

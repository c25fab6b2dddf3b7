import { EndOfFile } from '../../bytes/cursor.ts';

/** A field of a protobuf message in memory: its bytes with the tag, and those of its payload; `number` of a varint. */
export interface Field {
  readonly field: number;
  readonly whole: Uint8Array;
  readonly payload: Uint8Array;
  readonly number: number;
}

/** The fields of a message, one after the other. Throws EndOfFile when the last one does not end with it. */
export function* fieldsOf(bytes: Uint8Array): Generator<Field, void, undefined> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    let unit = 1;
    for (;;) {
      const byte = bytes[at];
      if (byte === undefined) throw new EndOfFile();
      at += 1;
      value += (byte & 127) * unit;
      if (byte < 128) return value;
      unit *= 128;
    }
  };
  while (at < bytes.length) {
    const from = at;
    const tag = varint();
    const wire = tag % 8;
    let start = at;
    let number = 0;
    if (wire === 0) number = varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else {
      const length = varint();
      start = at;
      at += length;
    }
    if (at > bytes.length) throw new EndOfFile();
    yield {
      field: Math.floor(tag / 8),
      whole: bytes.subarray(from, at),
      payload: bytes.subarray(start, at),
      number,
    };
  }
}

const utf8 = new TextEncoder();
const decoder = new TextDecoder();

export const textOf = ({ payload }: Field): string => decoder.decode(payload);

function varintBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

/** A field with a varint; not for negative numbers. */
export const intField = (field: number, value: number): Uint8Array =>
  Uint8Array.from([...varintBytes(field * 8), ...varintBytes(value)]);

/** A field with bytes of its own: a message, a text. Its head and the payload, not copied. */
export const bytesField = (field: number, ...payload: readonly Uint8Array[]): readonly Uint8Array[] => {
  const length = payload.reduce((sum, part) => sum + part.length, 0);
  return [Uint8Array.from([...varintBytes(field * 8 + 2), ...varintBytes(length)]), ...payload];
};

export const textField = (field: number, text: string): readonly Uint8Array[] =>
  bytesField(field, utf8.encode(text));

/** Parts one behind the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Just enough protobuf to write a file byte by byte, including ways that no library writes. */

const utf8 = new TextEncoder();

export type Bytes = Uint8Array<ArrayBuffer>;

export function concat(...parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A varint of 64 bits; negative numbers take ten bytes. */
export function varint(value: number | bigint): Bytes {
  let rest = BigInt.asUintN(64, BigInt(value));
  const out: number[] = [];
  while (rest > 127n) {
    out.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Uint8Array.from(out);
}

const tag = (field: number, wire: number): Bytes => varint(field * 8 + wire);

export const int = (field: number, value: number | bigint): Bytes => concat(tag(field, 0), varint(value));
export const bytes = (field: number, value: Uint8Array): Bytes =>
  concat(tag(field, 2), varint(value.length), value);
export const text = (field: number, value: string): Bytes => bytes(field, utf8.encode(value));
export const float = (field: number, value: number): Bytes => concat(tag(field, 5), floats32([value]));
export const double = (field: number, value: number): Bytes => concat(tag(field, 1), floats64([value]));

/** The header of a field that claims `length` bytes, without them. */
export const claim = (field: number, length: number): Bytes => concat(tag(field, 2), varint(length));

/** Back to back; there may be more of them than a call can take arguments. */
export const varints = (values: readonly (number | bigint)[]): Bytes =>
  Uint8Array.from(values.flatMap((v) => [...varint(v)]));

/** Little-endian, whatever this machine is. */
export function floats32(values: readonly number[]): Bytes {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((v, i) => view.setFloat32(i * 4, v, true));
  return new Uint8Array(view.buffer);
}

export function floats64(values: readonly number[]): Bytes {
  const view = new DataView(new ArrayBuffer(values.length * 8));
  values.forEach((v, i) => view.setFloat64(i * 8, v, true));
  return new Uint8Array(view.buffer);
}

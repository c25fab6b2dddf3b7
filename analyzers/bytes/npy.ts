import { ReadError } from './errors.ts';
import { limits } from './limits.ts';

/** Bytes of the header; NumPy's own are padded to multiples of 64 and stay below 200. */
const mostHeader = 64 * 1024;

type Read = (view: DataView, at: number, little: boolean) => number;

/** By NumPy's letter and bytes an element. */
const readers: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['f2', (view, at, little) => halfOf(view.getUint16(at, little))],
  ['f4', (view, at, little) => view.getFloat32(at, little)],
  ['f8', (view, at, little) => view.getFloat64(at, little)],
  ['i1', (view, at) => view.getInt8(at)],
  ['i2', (view, at, little) => view.getInt16(at, little)],
  ['i4', (view, at, little) => view.getInt32(at, little)],
  ['i8', (view, at, little) => Number(view.getBigInt64(at, little))],
  ['u1', (view, at) => view.getUint8(at)],
  ['u2', (view, at, little) => view.getUint16(at, little)],
  ['u4', (view, at, little) => view.getUint32(at, little)],
  ['u8', (view, at, little) => Number(view.getBigUint64(at, little))],
  ['b1', (view, at) => view.getUint8(at)],
]);

/**
 * The numbers of a `.npy` file in the order in which they are stored (NumPy, format versions 1 to 3): vectors are what
 * is asked of it, so nothing is transposed. `name` stands in messages. Throws ReadError 'activations/unreadable' for
 * anything else, 'activations/not-finite' for NaN and infinities.
 */
export function readNpy(bytes: Uint8Array, name: string): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { start, text } = headerOf(bytes, view, name);
  const descr = /'descr':\s*'([<>|=])([a-z])(\d+)'/.exec(text);
  const shape = /'shape':\s*\(([\d,\sL]*)\)/.exec(text);
  if (descr === null || shape === null)
    throw unreadable(name, 'its header is not that of an array of numbers; save it with numpy.save');
  const [, order = '', letter = '', size = ''] = descr;
  const read = readers.get(letter + size);
  if (read === undefined)
    throw unreadable(
      name,
      `its elements are ${letter}${size}, no real numbers; save floats or whole numbers`,
    );
  const extents = (shape[1] ?? '').split(',').filter((part) => part.trim() !== '');
  if (extents.length > limits.rank) throw unreadable(name, 'it has too many dimensions');
  const count = extents.reduce((n, extent) => n * Number.parseInt(extent, 10), 1);
  if (!(count <= limits.unitVector))
    throw unreadable(
      name,
      `it has ${count.toString()} numbers, more than the ${limits.unitVector.toString()} of a vector of activations`,
    );
  const each = Number(size);
  if (start + count * each > bytes.length)
    throw unreadable(
      name,
      `it ends at byte ${bytes.length.toString()} and its header tells of ${(start + count * each).toString()}; save it again`,
    );
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    const number = read(view, start + i * each, order !== '>');
    if (!Number.isFinite(number))
      throw new ReadError(
        'activations/not-finite',
        name,
        `${name} has ${String(number)} at place ${i.toString()}: activations are finite numbers`,
        start + i * each,
      );
    numbers[i] = number;
  }
  return numbers;
}

function headerOf(bytes: Uint8Array, view: DataView, name: string): { start: number; text: string } {
  const isNpy = bytes.length >= 10 && [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59].every((b, i) => bytes[i] === b);
  if (!isNpy) throw unreadable(name, 'it does not begin as a .npy file does; save it with numpy.save');
  const major = bytes[6]!;
  if (major < 1 || major > 3) throw unreadable(name, `it is of version ${major.toString()} of the format`);
  const at = major === 1 ? 10 : 12;
  if (bytes.length < at) throw unreadable(name, 'it ends in its header; save it again');
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > mostHeader || at + length > bytes.length)
    throw unreadable(name, 'it ends in its header; save it again');
  return { start: at + length, text: new TextDecoder('latin1').decode(bytes.subarray(at, at + length)) };
}

/** A half as a number (IEEE 754, binary16). */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

export const unreadable = (name: string, why: string): ReadError =>
  new ReadError('activations/unreadable', name, `${name} cannot be read: ${why}`);

import { limits } from '../../bytes/limits.ts';

/** A header that is not as it should be; `message` says where and what. */
export class BadHeader extends Error {
  override readonly name = 'BadHeader';
}

/** A value of the header with its place in it, for messages. Keys that nobody asks for are passed over. */
export interface Value {
  readonly at: string;
  readonly value: unknown;
}

export function key(of: Value, name: string): Value {
  const { value } = of;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadHeader(`${of.at} is no object`);
  const found = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
  return { at: `${of.at}.${name}`, value: found };
}

export const has = (of: Value, name: string): boolean => key(of, name).value !== undefined;

export function list(of: Value, most: number): readonly Value[] {
  if (!Array.isArray(of.value)) throw new BadHeader(`${of.at} is no list`);
  if (of.value.length > most) throw new BadHeader(`${of.at} has more than ${most.toString()} entries`);
  return of.value.map((value: unknown, i) => ({ at: `${of.at}[${i.toString()}]`, value }));
}

/** A whole number from `least` to `most`. */
export function whole({ at, value }: Value, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most)
    throw new BadHeader(`${at} is no whole number from ${least.toString()} to ${most.toString()}`);
  return value;
}

/** A finite number above 0. */
export function positive({ at, value }: Value): number {
  if (typeof value !== 'number' || !(value > 0 && value < Infinity))
    throw new BadHeader(`${at} is no positive number`);
  return value;
}

export function text({ at, value }: Value, most: number = limits.name): string {
  if (typeof value !== 'string' || value.length > most)
    throw new BadHeader(`${at} is no text of at most ${most.toString()} characters`);
  return value;
}

export function oneOf<T extends string>({ at, value }: Value, words: readonly T[]): T {
  const found = words.find((word) => word === value);
  if (found === undefined) throw new BadHeader(`${at} is none of ${words.join(', ')}`);
  return found;
}

export function bool({ at, value }: Value): boolean {
  if (typeof value !== 'boolean') throw new BadHeader(`${at} is neither true nor false`);
  return value;
}

/** Eight hexadecimal digits. */
export function checksum({ at, value }: Value): number {
  if (typeof value !== 'string' || !/^[0-9a-f]{8}$/.test(value))
    throw new BadHeader(`${at} is no checksum of eight hexadecimal digits`);
  return Number.parseInt(value, 16);
}

import { limits } from '../../bytes/limits.ts';
import { publishedEie, type EieMachine } from '../../report/eie.ts';
import { eieAxes, eieBounds, type EieAxis } from '../../report/eieStudy.ts';
import type { SyntheticLayer } from '../../run/eieSynthetic.ts';
import { quoted, type OptionSpec } from './args.ts';
import { UsageError } from './exitCode.ts';

type Values = ReadonlyMap<string, string>;

const sizes = [
  ['pes', 'pes', 'processing elements'],
  ['fifo', 'fifo', 'entries of the activation ring buffer, of which one fewer is queued'],
  ['index-bits', 'indexBits', 'bits of a run of zeros'],
  ['code-bits', 'codeBits', 'bits of a code'],
  ['sram-bits', 'sramBits', 'bits of a read of the sparse matrix'],
  ['clock', 'clockMhz', 'MHz'],
] as const;

const biasColumns = ['empty', 'layer', 'none'] as const;

export const machineOptions: readonly OptionSpec[] = [
  ...sizes.map(([name, key, help]) => ({
    name,
    value: 'N',
    help: `${help} (${publishedEie[key].toString()})`,
  })),
  {
    name: 'bias-column',
    value: 'KIND',
    help: 'one more active column: empty (default, as published), layer or none',
  },
];

/** The machine as asked for, else as published. Throws UsageError for a size that no machine has. */
export function machineOf(values: Values): EieMachine {
  const machine: Record<string, number> = {};
  for (const [name, key] of sizes) {
    const text = values.get(name);
    const [least, most] = eieBounds[key];
    const number =
      text === undefined ? publishedEie[key] : /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= least && number <= most))
      throw new UsageError(
        `--${name} takes a whole number from ${least.toString()} to ${most.toString()}, not ${quoted(text ?? '')}`,
      );
    machine[key] = number;
  }
  const asked = values.get('bias-column') ?? publishedEie.biasColumn;
  const biasColumn = biasColumns.find((kind) => kind === asked);
  if (biasColumn === undefined)
    throw new UsageError(`--bias-column takes ${biasColumns.join(', ')}, not ${quoted(asked)}`);
  return { ...publishedEie, ...machine, biasColumn };
}

/** The axis of --sweep; none without it. */
export function axesOf(values: Values): readonly EieAxis[] {
  const asked = values.get('sweep');
  if (asked === undefined) return [];
  const axis = eieAxes.find((known) => known === asked);
  if (axis === undefined)
    throw new UsageError(`--sweep takes one of ${eieAxes.join(', ')}, not ${quoted(asked)}`);
  return [axis];
}

interface Field {
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
}

const share: Field = { least: 0, most: 1, whole: false };
const side: Field = { least: 1, most: 2 ** 31 - 1, whole: true };
export const seedField: Field = { least: 0, most: 2 ** 32 - 1, whole: true };
const fields = { rows: side, cols: side, density: share, activation: share, seed: seedField } as const;

/** 'rows=4096,cols=9216,density=0.09': numbers by name. Throws UsageError. */
export function numbersOf<K extends string>(
  option: string,
  text: string,
  known: Readonly<Record<K, Field>>,
): Partial<Record<K, number>> {
  const names = Object.keys(known) as K[];
  const found: Partial<Record<K, number>> = {};
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    const name = names.find((one) => one === part.slice(0, at).trim());
    if (at < 0 || name === undefined)
      throw new UsageError(
        `--${option} takes ${names.map((one) => `${one}=N`).join(',')}, not ${quoted(part)}`,
      );
    if (found[name] !== undefined) throw new UsageError(`--${option} has ${name} twice`);
    const { least, most, whole } = known[name];
    const value = part.slice(at + 1).trim();
    const number = /^(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(value) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most) || (whole && !Number.isInteger(number)))
      throw new UsageError(
        `--${option}: ${name} is a ${whole ? 'whole ' : ''}number from ${least.toString()} to ${most.toString()}, not ${quoted(value)}`,
      );
    found[name] = number;
  }
  return found;
}

/** The layer of --synthetic; `pes` decides how many slices it has. Throws UsageError for one that is too large. */
export function syntheticOf(text: string, { pes }: EieMachine): SyntheticLayer {
  const { rows, cols, density, activation = 1, seed = 1 } = numbersOf('synthetic', text, fields);
  if (rows === undefined || cols === undefined || density === undefined)
    throw new UsageError('--synthetic needs rows, cols and density: rows=4096,cols=9216,density=0.09');
  if (rows * cols * density > limits.syntheticNonZeros)
    throw new UsageError(
      `--synthetic: ${(rows * cols * density).toString()} non-zeros are more than the ${limits.syntheticNonZeros.toString()} that are drawn`,
    );
  if (cols * pes > limits.interleavedSlices)
    throw new UsageError(
      `--synthetic: ${cols.toString()} columns on ${pes.toString()} PEs are more slices than the ${limits.interleavedSlices.toString()} that are counted`,
    );
  return { name: `synthetic ${text}`, rows, cols, density, activation, seed };
}

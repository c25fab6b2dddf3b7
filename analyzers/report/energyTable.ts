import { plain, plainMessage } from './clean.ts';
import prices from './energy45nm.json';
import pe from './processingElement.json';

/** What an event costs, in picojoules, and what a part of the accelerator draws, in milliwatts. */
export interface EnergyPrices {
  /** Reading 32 bits from DRAM; from an SRAM of 32 KB; from or to a register file. */
  readonly dramRead32Pj: number;
  readonly sramRead32Pj: number;
  readonly register32Pj: number;
  /** On 16-bit fixed-point numbers. */
  readonly multiply16Pj: number;
  readonly add16Pj: number;
  /** One processing element, and one node of the leading-non-zero detection, at the published clock. */
  readonly pePowerMw: number;
  readonly detectionNodePowerMw: number;
}

export interface EnergyTable extends EnergyPrices {
  /** What figures are labelled with. */
  readonly name: string;
  /** Keys that are not the published ones. */
  readonly edited: readonly (keyof EnergyPrices)[];
}

/** Horowitz's prices at 45 nm as EIE quotes them, and the power of EIE's Table II. */
export const publishedEnergy: EnergyTable = {
  name: '45 nm, as published',
  edited: [],
  dramRead32Pj: prices.dramRead32Pj.value,
  sramRead32Pj: prices.sramRead32Pj.value,
  register32Pj: prices.register32Pj.value,
  multiply16Pj: prices.multiply16Pj.value,
  add16Pj: prices.add16Pj.value,
  pePowerMw: pe.total.powerMw,
  detectionNodePowerMw: pe.detectionNode.powerMw,
};

/** In the order of the schema. */
export const priceKeys = [
  'dramRead32Pj',
  'sramRead32Pj',
  'register32Pj',
  'multiply16Pj',
  'add16Pj',
  'pePowerMw',
  'detectionNodePowerMw',
] as const satisfies readonly (keyof EnergyPrices)[];
const textKeys = ['$schema', 'name', 'source'] as const;

/** Bounds of what a file may say; docs/energy.schema.json says the same. */
export const energyLimits = {
  /** A table with a long source takes 1 kB. */
  bytes: 64 * 1024,
  /** A millijoule an event, a megawatt an element: nobody means more. */
  price: 1e9,
  text: 1000,
} as const;

/** A table of energies that cannot be used. The message is one line: file, key, what is allowed. */
export class EnergyError extends Error {
  override readonly name = 'EnergyError';
  readonly code = 'energy/invalid';
}

/**
 * Reads an energy table: a JSON object with some of the prices, which replace the published ones, and a name. Throws
 * EnergyError.
 */
export function parseEnergyTable(text: string, fileName: string): EnergyTable {
  const refuse = (message: string): EnergyError =>
    new EnergyError(`${plain(fileName)}: ${plainMessage(message)}`);
  if (text.length > energyLimits.bytes)
    throw refuse(`an energy table of more than ${(energyLimits.bytes / 1024).toString()} KB is not read`);
  const given = objectOf(text, refuse);
  const edits: Partial<Record<keyof EnergyPrices, number>> = {};
  for (const [key, value] of Object.entries(given)) {
    if (textKeys.some((known) => known === key)) {
      if (typeof value !== 'string' || value.length > energyLimits.text)
        throw refuse(`${key} is a text of at most ${energyLimits.text.toString()} characters`);
      continue;
    }
    const price = priceKeys.find((known) => known === key);
    if (price === undefined)
      throw refuse(
        `unknown key ${JSON.stringify(plain(key, 60))}; an energy table has ${[...textKeys, ...priceKeys].join(', ')}`,
      );
    if (typeof value !== 'number' || !(value >= 0 && value <= energyLimits.price))
      throw refuse(
        `${key} is a number from 0 to 10^9, in ${key.endsWith('Mw') ? 'milliwatts' : 'picojoules'}`,
      );
    edits[price] = value;
  }
  const edited = priceKeys.filter((key) => (edits[key] ?? publishedEnergy[key]) !== publishedEnergy[key]);
  const name = given['name'];
  const shown = typeof name === 'string' && name.trim() !== '' ? plain(name, 60) : plain(fileName, 60);
  return { ...publishedEnergy, ...edits, name: shown, edited };
}

function objectOf(text: string, refuse: (message: string) => EnergyError): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    // A byte order mark is no JSON, and editors write it.
    value = JSON.parse(text.replace(/^\u{feff}/u, ''));
  } catch (error) {
    throw refuse(`this is no JSON: ${error instanceof Error ? error.message : 'it cannot be read'}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refuse('an energy table is a JSON object, such as { "dramRead32Pj": 640 }');
  return value as Readonly<Record<string, unknown>>;
}

/** What reading every weight of a dense model once takes, in microjoules, where it lies. */
export interface DenseRead {
  readonly dramUj: number;
  readonly sramUj: number;
  /** dramUj / sramUj; null when reading an SRAM costs nothing. */
  readonly factor: number | null;
}

export function denseRead(bits: number, energy: EnergyPrices = publishedEnergy): DenseRead {
  const words = bits / 32;
  return {
    dramUj: (words * energy.dramRead32Pj) / 1e6,
    sramUj: (words * energy.sramRead32Pj) / 1e6,
    factor: energy.sramRead32Pj === 0 ? null : energy.dramRead32Pj / energy.sramRead32Pj,
  };
}

/** The two models of what a product takes, by the names under which reports give their figures. */
export const energyModels = {
  'eie-table-2':
    'Published power times simulated time: every element draws its power for the whole time, idle or not.',
  events:
    'Counted reads, multiplications and additions at Horowitz\u2019s prices: no clock, no leakage, no broadcast, so it lies below the other.',
} as const;

import { groupFinder } from './codeGroups.ts';
import type { CodedLayer } from './codedLayer.ts';
import { centroidAt, gridWords, isWide, roundingOf, type GridCode } from './gridCode.ts';
import { StreamDamage, type SymbolReader } from './symbolReader.ts';
import type { DrawnGrid } from './uniformGrid.ts';

/** Elements from the codes that stand at `positions`; these ascend. */
type WordsAt = (
  symbols: Uint32Array,
  positions: Float64Array,
  low: Uint32Array,
  high: Uint32Array,
  count: number,
) => void;

/** Reads scales and zero points, and gives what codes stand for. Throws StreamDamage. */
export async function gridDecoder(
  reader: SymbolReader,
  { bits, groups, zeroReserved }: Omit<NonNullable<CodedLayer['share']>, 'grid'>,
  grid: GridCode,
  zero: CodedLayer['zero'],
): Promise<WordsAt> {
  const { scales, zeros } = await drawnGrids(reader, grid, bits, groups?.count ?? 1);
  const reserved = zeroReserved ? 1 : 0;
  const rounding = roundingOf(grid);
  const drawn = (group: number): DrawnGrid => ({ scale: scales[group]!, zero: zeros[group]! });
  if (groups === null) {
    const own = drawn(0);
    const words = gridWords(
      grid,
      Float64Array.from({ length: grid.levels }, (_, level) => centroidAt(grid, rounding, own, level)),
    );
    return (symbols, _positions, low, high, count) => {
      for (let i = 0; i < count; i += 1) {
        const level = symbols[i]! - reserved;
        low[i] = level < 0 ? zero[0] : words.low[level]!;
        if (high.length > 0) high[i] = level < 0 ? zero[1] : words.high[level]!;
      }
    };
  }
  const find = groupFinder(groups);
  return (symbols, positions, low, high, count) => {
    const centroids = new Float64Array(count);
    for (let i = 0; i < count; i += 1)
      if (symbols[i]! >= reserved)
        centroids[i] = centroidAt(grid, rounding, drawn(find(positions[i]!)), symbols[i]! - reserved);
    const words = gridWords(grid, centroids);
    for (let i = 0; i < count; i += 1) {
      const kept = symbols[i]! >= reserved;
      low[i] = kept ? words.low[i]! : zero[0];
      if (high.length > 0) high[i] = kept ? words.high[i]! : zero[1];
    }
  };
}

/** One grid after another: its scale, then its zero point where it has one. */
async function drawnGrids(
  reader: SymbolReader,
  { method, type }: GridCode,
  bits: number,
  count: number,
): Promise<{ scales: Float64Array; zeros: Uint32Array }> {
  const scales = new Float64Array(count);
  const zeros = new Uint32Array(count);
  const word = new Uint32Array(2);
  const view = new DataView(word.buffer);
  for (let group = 0; group < count; group += 1) {
    const wide = isWide(type);
    await reader.numbers(32, word, wide ? 2 : 1);
    const [upper, lower] = [word[0]!, word[1]!];
    view.setUint32(0, upper);
    view.setUint32(4, lower);
    const scale = wide ? view.getFloat64(0) : view.getFloat32(0);
    if (!(scale > 0 && scale < Infinity)) throw new StreamDamage('a scale is no positive number');
    scales[group] = scale;
    if (method !== 'uniform-asymmetric') continue;
    await reader.numbers(bits, word, 1);
    zeros[group] = word[0]!;
  }
  return { scales, zeros };
}

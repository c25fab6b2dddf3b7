import type { Compressor } from '../bytes/compressor.ts';
import { limits } from '../bytes/limits.ts';
import { entropyBits } from '../kernels/entropy.ts';
import {
  addInterleaved,
  emptyInterleaved,
  interleavedSize,
  pointerBits,
  slicesOf,
} from '../kernels/interleaved.ts';
import { BitWriter } from '../kernels/bits.ts';
import { ransEncoder, ransTable, writeRansTable } from '../kernels/rans.ts';
import { codeTable } from '../kernels/symbolReader.ts';
import type { SlimForm } from '../report/layerReport.ts';
import type { CoderSize, CoderStudy } from '../report/studies.ts';
import { formOf } from '../model/view.ts';
import { encodeLayer, keptOf } from './encodeLayer.ts';
import { codebookBits } from './forms.ts';
import type { LayerPasses } from './newWeights.ts';
import type { Settled } from './settleLayer.ts';
import { denseCodes, losslessForm, withEscape, withPadding, type SlimPlan } from './slimPlan.ts';
import { writtenStreams } from './streamSymbols.ts';

/** The accelerator as published: 64 PEs, runs of 4 bits (Han et al. 2016, EIE, section VI). */
const eie = { pes: 64, runBits: 4 } as const;
/** As sparse libraries keep indices and pointers. */
const absoluteBits = 32;

export interface CoderOptions {
  readonly signal: AbortSignal;
  /** Called with a share from 0 to 1 that never falls. */
  readonly progress: (share: number) => void;
  /** For the bytes of the dense weights; without any, these sizes are left out. */
  readonly compressors: readonly Compressor[];
}

/**
 * What other coders make of a settled layer. Its streams are written in every form and read back; rANS then codes the
 * very same symbols. Bounds are without codebook and tables, everything else is with them. Values that are not shared
 * are no symbols: they stay as they are, whatever codes the runs.
 */
export async function coderStudy(
  settled: Settled,
  passes: LayerPasses,
  { signal, progress, compressors }: CoderOptions,
): Promise<CoderStudy> {
  const plans = plansOf(settled);
  const steps = plans.length + 2;
  let done = 0;
  const step = <T>(result: T): T => {
    done += 1;
    progress(done / steps);
    return result;
  };
  const streams: CoderSize[] = [];
  for (const { id, label, plan } of plans)
    streams.push(...step(await streamSizes(settled, passes, plan, { id, label }, signal)));
  const interleaved = step(await interleavedForm(settled, passes, signal));
  const bytes = step(await compressedSizes(settled, passes, compressors, signal));
  return {
    sizes: [...bytes, ...matrixSizes(settled), ...interleaved.sizes, ...streams, ...limitOf(settled)],
    interleaved: interleaved.form,
    notes: interleaved.notes,
  };
}

interface NamedPlan {
  readonly id: string;
  readonly label: string;
  readonly plan: SlimPlan;
}

/** A layer with NaN or infinities has no streams of kept weights. */
const hasStreams = ({ profile }: Settled): boolean => profile.nonFinite === 0;

function plansOf(settled: Settled): NamedPlan[] {
  const { slimInput } = settled.sizes;
  const plans: NamedPlan[] = [];
  if (hasStreams(settled)) {
    const { share, indexBits } = slimInput;
    plans.push(
      {
        id: 'padding',
        label: `padding zeros, ${bitsText(indexBits)} runs`,
        plan: withPadding(slimInput, indexBits),
      },
      { id: 'escape', label: 'escape symbol', plan: withEscape(slimInput) },
    );
    if (share !== null)
      plans.push({ id: 'dense', label: 'every weight, no runs', plan: denseCodes(slimInput, share) });
  }
  if (slimInput.lossless !== null)
    plans.push({ id: 'planes', label: 'byte planes, lossless', plan: losslessForm(slimInput.lossless) });
  return plans;
}

const bitsText = (bits: number): string => `${bits.toString()}-bit`;

/** Fixed widths, Huffman, rANS and entropy of the symbols of one form. */
async function streamSizes(
  settled: Settled,
  passes: LayerPasses,
  plan: SlimPlan,
  { id, label }: { readonly id: string; readonly label: string },
  signal: AbortSignal,
): Promise<CoderSize[]> {
  const { slimInput } = settled.sizes;
  const { slim, codeCounts, runCounts, entries } = plan;
  const size = (
    coder: string,
    name: string,
    bits: number,
    basis: CoderSize['basis'] = 'encoded',
  ): CoderSize => ({
    id: `${id}-${coder}`,
    label: `${name}, ${label}`,
    of: 'streams',
    bits,
    basis,
  });
  const written = writtenStreams(
    encodeLayer({ ...settled, sizes: { ...settled.sizes, plan } }, passes, signal),
  );
  // What every coder of these symbols has beside them: the codebook, or values as they are.
  const beside = bitsOf(slim, 'codebook') + bitsOf(slim, 'values');
  let rans = beside;
  let entropy = bitsOf(slim, 'values');
  for (const [at, { kind, bits }] of slim.streams.entries()) {
    const counts = kind === 'codes' ? codeCounts : kind === 'runs' ? runCounts : null;
    const lengths = kind === 'codes' ? plan.codes : plan.runs;
    if (counts === null || lengths === null) continue;
    entropy += entropyBits(counts);
    const symbols = counts.reduce((sum, count) => sum + count, 0);
    if (symbols === 0) continue;
    const symbolBits = Math.max(1, Math.ceil(Math.log2(counts.length)));
    const table = ransTable(counts, symbolBits);
    const head = new BitWriter();
    writeRansTable(table, symbolBits, head);
    const encoder = ransEncoder(table, () => {});
    await written.symbols(at, bits, codeTable(lengths), symbols, (some, count) => {
      for (let i = 0; i < count; i += 1) encoder.put(some[i]!);
    });
    rans += head.length + 8 * encoder.finish();
  }
  await written.end();
  const huffman = size('huffman', 'Huffman', plan.bits);
  if (plan.lossless !== null) return [huffman];
  const fixed = entries * ((slimInput.share?.bits ?? slimInput.valueBits) + (slim.indexBits ?? 0));
  return [
    // With an escape the symbols have no width of their own.
    ...(slim.runs === 'escape' ? [] : [size('fixed', 'fixed width', fixed + bitsOf(slim, 'codebook'))]),
    huffman,
    size('rans', 'rANS', rans),
    size('order0', 'order-0 entropy', entropy, 'bound'),
  ];
}

const bitsOf = (slim: SlimForm, kind: string): number =>
  slim.streams.reduce((sum, stream) => sum + (stream.kind === kind ? stream.bits : 0), 0);

/** Absolute indices: a code or value and the other coordinate of each kept weight, and where each row or column begins. */
function matrixSizes(settled: Settled): CoderSize[] {
  if (!hasStreams(settled)) return [];
  const { layer, survey, sizes } = settled;
  const { share, valueBits } = sizes.slimInput;
  const table = share === null ? 0 : codebookBits(share, valueBits);
  const entries = survey.kept * ((share?.bits ?? valueBits) + absoluteBits) + table;
  const common = { of: 'matrix', basis: 'encoded' } as const;
  const indices = `${bitsText(absoluteBits)} indices`;
  return [
    { id: 'csr', label: `CSR, ${indices}`, bits: entries + (layer.rows + 1) * absoluteBits, ...common },
    { id: 'csc', label: `CSC, ${indices}`, bits: entries + (layer.cols + 1) * absoluteBits, ...common },
  ];
}

const limitOf = (settled: Settled): CoderSize[] =>
  hasStreams(settled)
    ? [
        {
          id: 'limit',
          label: 'independent positions',
          of: 'streams',
          bits: settled.sizes.encode.bits.limit,
          basis: 'bound',
        },
      ]
    : [];

interface InterleavedForm {
  readonly sizes: readonly CoderSize[];
  readonly form: CoderStudy['interleaved'];
  readonly notes: readonly string[];
}

const leftOut = (why: string): InterleavedForm => ({
  sizes: [],
  form: null,
  notes: [`The interleaved form is left out: ${why}.`],
});

/** The form of EIE, at the width of the rule or at its own. */
async function interleavedForm(
  settled: Settled,
  passes: LayerPasses,
  signal: AbortSignal,
): Promise<InterleavedForm> {
  const { layer, rule } = settled;
  const { share, valueBits } = settled.sizes.slimInput;
  const width = rule.index.kind === 'bits' ? rule.index.bits : eie.runBits;
  const of = { rows: layer.rows, cols: layer.cols, pes: eie.pes, width };
  if (!hasStreams(settled)) return leftOut('the layer has weights that are NaN or infinite');
  if (slicesOf(of) > limits.interleavedSlices)
    return leftOut(
      `${eie.pes.toString()} PEs times ${layer.cols.toString()} columns are more slices than the ${limits.interleavedSlices.toString()} that are counted`,
    );
  const { map } = formOf(layer);
  const counts = emptyInterleaved(of);
  for await (const { values, positions, count, first } of keptOf(settled, passes, signal))
    addInterleaved(counts, map, positions, count, first, values.length);
  const size = interleavedSize(counts, share?.bits ?? valueBits);
  if (size === null) return leftOut('the rows of its columns are not stored in their order');
  const { entries, padding, most, entryBits } = size;
  const table = share === null ? 0 : codebookBits(share, valueBits);
  const label = `EIE, ${eie.pes.toString()} PEs, ${bitsText(width)} runs`;
  const bits = entryBits + size.pointerBits + table;
  return {
    sizes: [{ id: 'eie', label, of: 'matrix', bits, basis: 'encoded' }],
    form: { pes: eie.pes, indexBits: width, entries, padding, entryBits, pointerBits: size.pointerBits },
    notes:
      most < 2 ** pointerBits
        ? []
        : [
            `A PE has ${most.toString()} entries, more than a pointer of ${pointerBits.toString()} bits can say: the layer would be split.`,
          ],
  };
}

/** The stored bytes of the pruned and shared weights, as they are and through each compressor. */
async function compressedSizes(
  settled: Settled,
  passes: LayerPasses,
  compressors: readonly Compressor[],
  signal: AbortSignal,
): Promise<CoderSize[]> {
  const common = { of: 'dense bytes', basis: 'encoded' } as const;
  const sizes: CoderSize[] = [
    { id: 'stored', label: 'as they are stored', bits: settled.sizes.encode.bits.dense, ...common },
  ];
  const running = compressors.map((compressor) => {
    const counted = { bytes: 0 };
    const stream = compressor.start((bytes) => {
      counted.bytes += bytes.length;
    });
    return { compressor, counted, stream };
  });
  try {
    for await (const { bytes } of passes.newWeights(signal)) {
      signal.throwIfAborted();
      await Promise.all(running.map(({ stream }) => stream.push(bytes)));
    }
    for (const { compressor, counted, stream } of running) {
      await stream.finish();
      sizes.push({ id: compressor.id, label: compressor.label, bits: 8 * counted.bytes, ...common });
    }
  } finally {
    for (const { stream } of running) stream.close();
  }
  return sizes;
}

import type { EncodedBits, LayerReport } from './layerReport.ts';
import { dramReadUj, sramReadUj } from './readEnergy.ts';
import type { ModelSummary, Totals } from './report.ts';

const noBits: EncodedBits = {
  dense: 0,
  survivors: 0,
  pruned: 0,
  csr: 0,
  csc: 0,
  shared: 0,
  coded: 0,
  codedPaper: 0,
  order0: 0,
  limit: 0,
  lossless: 0,
  slim: 0,
};

export const bitKeys = Object.keys(noBits) as readonly (keyof EncodedBits)[];

const addBits = (a: EncodedBits, b: EncodedBits): EncodedBits => ({
  dense: a.dense + b.dense,
  survivors: a.survivors + b.survivors,
  pruned: a.pruned + b.pruned,
  csr: a.csr + b.csr,
  csc: a.csc + b.csc,
  shared: a.shared + b.shared,
  coded: a.coded + b.coded,
  codedPaper: a.codedPaper + b.codedPaper,
  order0: a.order0 + b.order0,
  limit: a.limit + b.limit,
  lossless: a.lossless + b.lossless,
  slim: a.slim + b.slim,
});

/** How many times smaller: dense divided by this. Null where there is nothing to divide. */
export const factorOf = (dense: number, bits: number): number | null =>
  dense > 0 && bits > 0 ? dense / bits : null;

/** Sums over the layers that could be read; the others count in `weightsUnread` (and in `macs`, which needs no weight). A layer that follows another counts in `macs` alone. `slimBytes`: see Totals. */
export function totalsOf(
  summary: ModelSummary,
  layers: readonly LayerReport[],
  slimBytes: number | null = null,
): Totals {
  let weights = 0;
  let weightsUnread = 0;
  let zeros = 0;
  let kept = 0;
  let macs = 0;
  let macsUnknown = 0;
  let bits = noBits;
  for (const { weights: n, macs: layerMacs, follows, profile, prune, encode } of layers) {
    if (layerMacs === null) macsUnknown += 1;
    else macs += layerMacs;
    // Bytes once, reads as often as there are.
    if (follows !== null) continue;
    if (profile === null || prune === null || encode === null) {
      weightsUnread += n;
      continue;
    }
    weights += n;
    zeros += profile.zeros;
    kept += prune.kept;
    bits = addBits(bits, encode.bits);
  }
  return {
    parameters: summary.parameters,
    weights,
    weightsUnread,
    zeros,
    kept,
    density: weights > 0 ? kept / weights : null,
    macs,
    macsUnknown,
    bits: { rest: Math.max(0, 8 * (summary.bytes - summary.weightBytes)), ...bits },
    factor: {
      survivors: factorOf(bits.dense, bits.survivors),
      pruned: factorOf(bits.dense, bits.pruned),
      shared: factorOf(bits.dense, bits.shared),
      coded: factorOf(bits.dense, bits.coded),
      lossless: factorOf(bits.dense, bits.lossless),
    },
    dramReadUj: { dense: dramReadUj(bits.dense), coded: dramReadUj(bits.coded) },
    sramReadUj: { dense: sramReadUj(bits.dense), coded: sramReadUj(bits.coded) },
    slimBytes,
    fileFactor: slimBytes === null ? null : factorOf(summary.bytes, slimBytes),
  };
}

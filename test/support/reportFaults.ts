import { dtypeBits } from '../../analyzers/model/dtype.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { Report } from '../../analyzers/report/report.ts';
import { totalsOf } from '../../analyzers/report/totals.ts';

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** What in a report contradicts something else in it, by the definitions of its fields; empty when all agrees. */
export function reportFaults(report: Report): string[] {
  const faults = report.layers.flatMap((layer) =>
    layerFaults(layer).map((fault) => `${layer.name}: ${fault}`),
  );
  const { slimBytes, fileFactor } = report.totals;
  if (fileFactor !== (slimBytes === null ? null : report.model.bytes / slimBytes))
    faults.push('fileFactor is not the files by the container');
  if (JSON.stringify(report.totals) !== JSON.stringify(totalsOf(report.model, report.layers, slimBytes)))
    faults.push('totals are not the sums of the layers');
  const { byPlace, elements } = report.model.tensors;
  if (sum(Object.values(byPlace)) !== elements) faults.push('places do not sum to the elements');
  if (report.totals.weights + report.totals.weightsUnread > report.totals.parameters)
    faults.push('more weights than parameters');
  const names = report.layers.map(({ name }) => name);
  if (new Set(names).size !== names.length) faults.push('two layers have the same name');
  if (report.layers.some(({ index }, i) => index !== i))
    faults.push('layers are not in the order of their index');
  return faults;
}

function layerFaults(layer: LayerReport): string[] {
  const faults: string[] = [];
  const holds = (claim: boolean, fault: string): void => {
    if (!claim) faults.push(fault);
  };
  const { weights, profile, prune, share, encode } = layer;
  holds(layer.rows * layer.cols === weights, 'rows x cols is not the weights');
  holds(layer.shape.reduce((a, b) => a * b, 1) === weights, 'the shape is not the weights');
  holds(layer.usedBy.length > 0, 'nobody uses it');
  if (profile === null || prune === null || encode === null) {
    const parts = [profile, prune, share, encode, layer.sqnrDb];
    holds(
      parts.every((part) => part === null),
      'an unread layer has figures',
    );
    return faults;
  }
  const finite = weights - profile.nonFinite;
  const { min, max, mean, std, histogram } = profile;
  if (min !== null && max !== null && mean !== null) {
    // A mean of equal numbers may be off by its rounding.
    const slack = 1e-12 * Math.max(Math.abs(min), Math.abs(max));
    holds(min <= mean + slack && mean <= max + slack, 'the mean is not between min and max');
  }
  holds(std === null || std >= 0, 'std is negative');
  if (histogram !== null)
    holds(sum(histogram.counts) === finite - profile.zeros, 'the histogram is not the non-zeros');
  for (const [pattern, counted] of Object.entries(profile.nm)) {
    if (counted === null) continue;
    const { violations, groups, remainder } = counted;
    const m = Number(pattern.split(':')[1]);
    holds(violations <= groups && groups * m + remainder <= weights, `${pattern} counts too much`);
  }
  holds(prune.kept <= finite - profile.zeros, 'more kept than non-zeros');
  holds(prune.rule !== 'none' || prune.kept === finite - profile.zeros, 'none drops weights');
  const named = prune.rule !== 'none' && !/^(nm|block|filters|columns)=/.test(prune.rule);
  holds(named === (prune.threshold !== null), 'rule and threshold disagree');
  holds(prune.density === prune.kept / weights, 'density is not kept / weights');
  holds(prune.deadRows >= profile.deadRows && prune.deadCols >= profile.deadCols, 'pruning revived a unit');

  const { bits, entries, padding } = encode;
  const stored = layer.dtype === 'unknown' ? 0 : dtypeBits[layer.dtype];
  holds(bits.dense === weights * stored, 'dense is not the stored bits');
  holds(bits.survivors === prune.kept * stored, 'survivors are not the kept bits');
  holds(bits.pruned >= bits.survivors && bits.csr >= bits.survivors, 'an index takes no room');
  holds(bits.coded >= bits.codedPaper, 'code tables take no room');
  holds(bits.order0 <= bits.codedPaper + 1e-6, 'coded below the entropy of the streams');
  holds(layer.exact === (layer.sqnrDb === null) || prune.kept === 0, 'exact and SQNR disagree');
  if (encode.form === 'dense') {
    holds(encode.indexBits === null && padding === 0 && entries === weights, 'the dense form has an index');
  } else {
    holds(encode.indexBits !== null && entries === prune.kept + padding, 'entries are not kept + padding');
    if (encode.indexCounts !== null)
      holds(sum(encode.indexCounts) === prune.kept, 'gaps are not one for each kept weight');
    const width = encode.indexWidths.find((one) => one.bits === encode.indexBits);
    holds(width === undefined || width.entries === entries, 'the width table has other entries');
  }
  for (const [i, one] of encode.indexWidths.entries())
    holds(
      i === 0 || one.entries <= (encode.indexWidths[i - 1]?.entries ?? 0),
      'a wider index needs more entries',
    );
  if (share !== null) {
    const used = share.counts.map((n, i) => (n > 0 ? (share.codeLengths[i] ?? 0) : 0)).filter((n) => n > 0);
    if (share.paddingLength !== null) used.push(share.paddingLength);
    holds(
      share.counts.length === share.k && (share.groups !== null || share.centroids.length === share.k),
      'k is not the codebook',
    );
    for (const table of share.groups?.tables ?? [])
      holds(
        table.length <= share.k && table.every((c, i) => c !== 0 && (i === 0 || c > table[i - 1]!)),
        'centroids of a group are too many, or not ascending and non-zero',
      );
    holds(share.k <= 2 ** share.bits - (share.zeroReserved ? 1 : 0), 'more centroids than codes');
    holds(sum(share.counts) === prune.kept, 'centroids do not sum to the kept weights');
    holds(
      share.centroids.every((c, i) => c !== 0 && c > (share.centroids[i - 1] ?? Number.NEGATIVE_INFINITY)),
      'centroids are not ascending and non-zero',
    );
    holds(sum(used.map((n) => 2 ** -n)) <= 1 + 1e-12, 'code lengths break Kraft');
    holds(
      share.counts.every((n, i) => n === 0 || (share.codeLengths[i] ?? 0) > 0),
      'a used code has no length',
    );
  }
  return faults;
}

import type { CodedLayer } from '../kernels/codedLayer.ts';
import { dtypeBits, type DType } from '../model/dtype.ts';
import { pruneText } from '../report/pruneRules.ts';
import type { SlimLayerForm } from '../report/layerReport.ts';
import { shareText } from '../report/rules.ts';
import { codedLayerOf } from './encodeLayer.ts';
import type { Settled } from './settleLayer.ts';

/** What a container's header says of a settled layer. `stored`: see SlimLayerForm. */
export function slimFormOf(settled: Settled, stored: SlimLayerForm['stored']): SlimLayerForm {
  const { rule, sizes } = settled;
  const { zero, share, entries, runSymbols, runCodes } = codedLayerOf(settled);
  return {
    ...sizes.plan.slim,
    zero,
    share,
    entries,
    runSymbols,
    runCodes,
    done: `prune ${pruneText(rule.prune)}, share ${shareText(rule.share)}`,
    stored,
  };
}

/** The same for the decoder. */
export const codedLayerOfForm = (form: SlimLayerForm, weights: number, dtype: DType): CodedLayer => ({
  form: form.form,
  runs: form.runs,
  weights,
  elementBits: dtypeBits[dtype],
  zero: form.zero,
  share: form.share,
  indexBits: form.indexBits,
  entries: form.entries,
  runSymbols: form.runSymbols,
  runCodes: form.runCodes,
  streams: form.streams,
});

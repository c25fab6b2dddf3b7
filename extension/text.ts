import type { LayerStub } from '../analyzers/rpc/contracts.ts';
import { plain, plainMessage } from '../analyzers/report/clean.ts';
import type { LayerReport } from '../analyzers/report/layerReport.ts';
import { counted, bytesText, countText, macsText, percentText } from '../analyzers/report/units.ts';

/** 'conv 20 x 25 · 12 % · 1.84 kB': the view of the weight, its density and its coded size, as far as known. */
export function layerDescription(stub: LayerStub, report: LayerReport | undefined): string {
  const parts = [`${stub.op} ${countText(stub.rows)} x ${countText(stub.cols)}`];
  if (report === undefined) return parts.join('');
  if (report.prune === null || report.encode === null) return `${parts.join('')} · not readable`;
  parts.push(percentText(report.prune.density), bytesText(report.encode.bits.coded / 8));
  return parts.join(' · ');
}

/** The same with words, one fact a line. */
export function layerTooltip(stub: LayerStub, report: LayerReport | undefined): string {
  const lines = [plain(stub.name), `${counted(stub.weights, 'weight')}, ${stub.op}`];
  lines.push(stub.macs === null ? 'MACs unknown' : `${macsText(stub.macs)} an inference`);
  if (report?.prune && report.encode) {
    lines.push(`density ${percentText(report.prune.density)} (${report.prune.rule}, one-shot)`);
    lines.push(
      `dense ${bytesText(report.encode.bits.dense / 8)}, coded ${bytesText(report.encode.bits.coded / 8)}`,
    );
  }
  for (const problem of report?.problems ?? []) lines.push(plainMessage(problem.message));
  return lines.join('\n');
}

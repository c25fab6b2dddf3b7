import type { LayerStub } from '../analyzers/rpc/contracts.ts';
import type { LayerReport } from '../analyzers/report/layerReport.ts';
import { bytesText, countText, macsText, percentText } from '../analyzers/report/units.ts';

/** Longest text from a file that a surface of the editor shows. */
const shown = 200;

/**
 * A name from a file, fit for the editor's surfaces: no control characters, and none of the marks that
 * reverse the order of what is read (U+202A to U+202E, U+2066 to U+2069, U+200E, U+200F); 200 characters at most.
 */
export function plain(text: string): string {
  const kept = Array.from(text.slice(0, shown * 4)).filter((character) => {
    const code = character.codePointAt(0) ?? 0;
    const control = code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029;
    const order =
      (code >= 0x202a && code <= 0x202e) ||
      (code >= 0x2066 && code <= 0x2069) ||
      code === 0x200e ||
      code === 0x200f;
    return !control && !order;
  });
  return kept.length > shown ? `${kept.slice(0, shown - 1).join('')}…` : kept.join('');
}

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
  const lines = [plain(stub.name), `${countText(stub.weights)} weights, ${stub.op}`];
  lines.push(stub.macs === null ? 'MACs unknown' : `${macsText(stub.macs)} an inference`);
  if (report?.prune && report.encode) {
    lines.push(`density ${percentText(report.prune.density)} (${report.prune.rule}, one-shot)`);
    lines.push(
      `dense ${bytesText(report.encode.bits.dense / 8)}, coded ${bytesText(report.encode.bits.coded / 8)}`,
    );
  }
  for (const problem of report?.problems ?? []) lines.push(plain(problem.message));
  return lines.join('\n');
}

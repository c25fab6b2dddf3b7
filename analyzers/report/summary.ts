import { plain } from './clean.ts';
import energy from './energy45nm.json';
import { againstText, ladderOf, type Ladder, type LadderStep, type StepId } from './ladder.ts';
import type { LayerReport } from './layerReport.ts';
import type { ModelSummary, Report, Totals } from './report.ts';
import type { Recipe } from './recipe.ts';
import { presetRules } from './recipeEdit.ts';
import { parsePrune } from './pruneRules.ts';
import {
  bitsAsBytesText,
  bytesText,
  counted,
  countText,
  energyText,
  factorText,
  macsText,
  numberText,
  percentText,
  thin,
} from './units.ts';

/** Stands wherever a paper's factor does. */
export const retrainingNote =
  'The 35x and 49x of Deep Compression were reached by retraining after pruning and after sharing; these figures are one-shot.';

/** What the accuracy column says until a model has been run. */
export const accuracyText = 'not measured';

/** 'ONNX · opset 13 · 431 080 parameters · 1.73 MB': what is known as soon as the file is open. */
export function fileLine(summary: ModelSummary, totals: Totals | null): string {
  const parts = [summary.format.toUpperCase(), ...summary.detail.map((text) => plain(text, 60))];
  parts.push(counted(summary.parameters, 'parameter'), bytesText(summary.bytes));
  if (summary.files.length > 1) parts.push(counted(summary.files.length, 'file'));
  if (totals !== null) parts.push(macsLine(summary, totals));
  return parts.filter((part) => part !== '').join(' · ');
}

/** '2.29 MMAC (batch taken as 1)', and how many layers are not in it. */
function macsLine(summary: ModelSummary, totals: Totals): string {
  const remarks: string[] = [];
  if (summary.symbolicBatch) remarks.push('batch taken as 1');
  if (totals.macsUnknown > 0) remarks.push(`unknown for ${counted(totals.macsUnknown, 'layer')}`);
  const shown = totals.macs === 0 && totals.macsUnknown > 0 ? 'MACs' : macsText(totals.macs);
  return remarks.length > 0 ? `${shown} (${remarks.join(', ')})` : shown;
}

/** True of the file unchanged: '0.23 % zeros; lossless coding 1.46 MB (1.18x)'. */
export function asIsLine({ layers, totals }: Pick<Report, 'layers' | 'totals'>): string {
  if (totals.weights === 0)
    return totals.weightsUnread > 0 ? 'no weights could be read' : 'no weights in this file';
  const step = stepOf(ladderOf(layers, totals), 'lossless');
  const zeros = `${percentText(totals.zeros / totals.weights)} zeros`;
  return `${zeros}; lossless coding ${sizeText(step)}${ofLayers(layers)}`;
}

/**
 * What the recipe would do, with its conditions: 'If pruned to 24 % (1 std), shared and coded: about 32.0 MB
 * (7.62x); one-shot, accuracy unknown'. Null when the recipe leaves every weight as it is.
 */
export function whatIfLine({ layers, totals }: Pick<Report, 'layers' | 'totals'>): string | null {
  if (totals.weights === 0 || layers.every(({ exact, encode }) => exact || encode === null)) return null;
  const ladder = ladderOf(layers, totals);
  const step = stepOf(ladder, totals.slimBytes === null ? 'coded' : 'slim');
  const pruned = layers.filter(({ prune }) => prune !== null && prune.rule !== 'none');
  const deeds: string[] = [];
  if (pruned.length > 0) deeds.push(`pruned to ${percentText(totals.density ?? 1)}${ruleNote(pruned)}`);
  if (layers.some(({ share }) => share !== null)) deeds.push('shared');
  deeds.push('coded');
  const size = totals.slimBytes === null ? `about ${sizeText(step)}` : `a file of ${sizeText(step)}`;
  return `If ${listed(deeds)}: ${size}${ofLayers(layers)}; one-shot, accuracy unknown`;
}

/** 'The whole .slim file: 165 152 of 1 725 079 bytes (10.4x).'; null when none can be written. */
export function slimLine({ model, totals }: Pick<Report, 'model' | 'totals'>): string | null {
  const { slimBytes, fileFactor } = totals;
  if (slimBytes === null || fileFactor === null) return null;
  return `The whole .slim file: ${countText(slimBytes)} of ${countText(model.bytes)} bytes (${factorText(fileFactor)}).`;
}

/** ', of 2 of 3 layers': where others could not be read, every sum says so. */
function ofLayers(layers: readonly LayerReport[]): string {
  const read = layers.filter(({ encode }) => encode !== null).length;
  return read === layers.length ? '' : `, of ${countText(read)} of ${counted(layers.length, 'layer')}`;
}

/** 'deep-compression, lossless, with 2 rules of its own': what was asked for, in short. */
export function recipeLine(recipe: Recipe): string {
  const own = recipe.layers.length - presetRules(recipe);
  const parts: string[] = [recipe.preset];
  if (recipe.lossless) parts.push('lossless');
  if (own > 0) parts.push(`with ${counted(own, 'rule')} of its own`);
  return parts.join(', ');
}

/** One line for each thing the figures leave out or assume; empty when there is none. */
export function conditions(report: Report): readonly string[] {
  const ladder = ladderOf(report.layers, report.totals);
  const lines: string[] = [];
  const { totals } = report;
  const slim = slimLine(report);
  if (ladder.steps.some(({ whatIf }) => whatIf))
    lines.push(`One-shot: nobody retrained, and accuracy is ${accuracyText}. ${retrainingNote}`);
  if (totals.weights > 0)
    lines.push(
      `Factors are of the weights alone, against ${againstText(ladder)} as stored; sizes include ${bitsAsBytesText(totals.bits.rest)} carried unchanged.`,
      ...(slim === null ? [] : [slim]),
      readLine(totals),
    );
  if (totals.weightsUnread > 0)
    lines.push(
      `${counted(totals.weightsUnread, 'weight')} could not be read and ${totals.weightsUnread === 1 ? 'is' : 'are'} in no sum.`,
    );
  return lines;
}

/**
 * 'Reading every weight once: 276 µJ dense and 8.35 µJ coded from DRAM, 2.15 µJ and 65.2 nJ from SRAM (assumed: 640
 * and 5 pJ a 32-bit word, 45 nm).'
 */
export function readLine({
  dramReadUj: dram,
  sramReadUj: sram,
}: Pick<Totals, 'dramReadUj' | 'sramReadUj'>): string {
  const { dramRead32Pj, sramRead32Pj } = energy;
  return `Reading every weight once: ${energyText(dram.dense)} dense and ${energyText(dram.coded)} coded from DRAM, ${energyText(sram.dense)} and ${energyText(sram.coded)} from SRAM (assumed: ${dramRead32Pj.value.toString()} and ${sramRead32Pj.value.toString()}${thin}pJ a 32-bit word, 45${thin}nm).`;
}

/** '52.2 kB (33.0x; weights alone 35.0x)': with the rest, and the factor of the weights where it reads otherwise. */
export function sizeText({ bytes, factor, withRest }: LadderStep): string {
  if (factor === null || withRest === null) return bytesText(bytes);
  const [whole, weights] = [factorText(withRest), factorText(factor)];
  return `${bytesText(bytes)} (${whole}${whole === weights ? '' : `; weights alone ${weights}`})`;
}

/** The rule of the layers that were pruned, where one says it all and the density does not: ' (1 std)'. */
function ruleNote(pruned: readonly LayerReport[]): string {
  const [rule, ...others] = new Set(pruned.map(({ prune }) => prune?.rule ?? 'none'));
  if (rule === undefined) return '';
  if (others.length > 0) return ' (by several rules)';
  const parsed = parsePrune(rule);
  if (parsed.kind === 'std') return ` (${shortNumber(parsed.q)} std)`;
  if (parsed.kind === 'threshold') return ` (|w| ≥ ${numberText(parsed.threshold)})`;
  if (parsed.kind === 'global') return ' (one threshold)';
  if (parsed.kind === 'nm') return ` (${parsed.n.toString()}:${parsed.m.toString()})`;
  if (parsed.kind === 'block') return ` (blocks of ${parsed.rows.toString()} x ${parsed.cols.toString()})`;
  if (parsed.kind === 'filters') return ' (whole rows)';
  if (parsed.kind === 'columns') return ' (whole columns)';
  return '';
}

const shortNumber = (x: number): string => numberText(x).replace(/\.?0+$/, '');

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;

/** A step by its name. Every ladder has all of them. */
export function stepOf(ladder: Ladder, id: StepId): LadderStep {
  const step = ladder.steps.find((one) => one.id === id);
  if (step === undefined) throw new RangeError(`the ladder has no step ${id}`);
  return step;
}

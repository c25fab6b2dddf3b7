import { magnitudeThreshold } from '../../analyzers/report/magnitudeThreshold.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import { countText, numberText, percentText } from '../../analyzers/report/units.ts';
import { hairline, prepare, write } from '../charts/canvas.ts';
import { curveLimit, densityCurve, type HistogramScene } from '../charts/histogramScene.ts';
import type { Inks } from '../theme.ts';

/** Room for the percents on the left and for the axis below, px. */
const room = { left: 44, right: 4, bottom: 22 } as const;
const height = 96;
const lineHeight = 14;

interface Label {
  readonly x: number;
  readonly end: number;
  readonly y: number;
}

const isApart = (a: Label, b: Label): boolean =>
  a.x >= b.end + 4 || b.x >= a.end + 4 || Math.abs(a.y - b.y) >= lineHeight;

/** Density against threshold, with the densities at one and two standard deviations and the one that is set. */
export function paintCurve(
  canvas: HTMLCanvasElement,
  layer: LayerReport,
  scene: HistogramScene,
  ink: Inks,
): void {
  const width = Math.max(160, Math.min(360, (canvas.parentElement?.clientWidth ?? 360) - 8));
  const context = prepare(canvas, width, height + room.bottom);
  if (context === null) return;
  context.font = ink.font;
  const curve = densityCurve(scene.counts, scene.limit, layer.weights);
  const std = layer.profile?.stdNonZero ?? 0;
  const now = magnitudeThreshold(layer.prune);
  const limit = curveLimit(curve, scene.limit, now ?? 0);
  const xOf = (value: number): number =>
    room.left + 4 + (value / limit) * (width - room.left - room.right - 8);
  const yOf = (density: number): number => 6 + (height - 10) * (1 - density);
  for (const density of [0, 0.5, 1]) {
    const y = Math.round(yOf(density)) + 0.5;
    hairline(context, [room.left, y], [width, y], density === 0 ? ink.rest : ink.rule);
    write(context, percentText(density), room.left - 6, yOf(density), { color: ink.quiet, align: 'right' });
  }
  context.strokeStyle = ink.mark;
  context.lineWidth = 1.5;
  context.beginPath();
  curve
    .filter(({ threshold }) => threshold <= limit)
    .forEach(({ threshold, density }, i) => {
      if (i === 0) context.moveTo(xOf(threshold), yOf(density));
      else context.lineTo(xOf(threshold), yOf(density));
    });
  context.stroke();

  const at = (threshold: number): number => curve.find((point) => point.threshold >= threshold)?.density ?? 0;
  const dots = [1, 2]
    .map((times) => ({ threshold: times * std, words: `${countText(times)} std`, set: false }))
    .filter(({ threshold }) => threshold > 0 && threshold <= limit)
    .map((dot) => ({ ...dot, density: at(dot.threshold) }));
  if (now !== null && layer.prune !== null)
    dots.push({ threshold: now, words: 'now', set: true, density: layer.prune.density });
  // What is set is written first; others go above it, or go without a label where they are the same.
  const taken: Label[] = [];
  for (const { threshold, words, set, density } of dots.toReversed()) {
    const [x, y] = [xOf(threshold), yOf(density)];
    context.beginPath();
    context.arc(x, y, set ? 4 : 2.5, 0, 2 * Math.PI);
    context.fillStyle = set ? ink.mark : ink.page;
    context.strokeStyle = set ? ink.mark : ink.reference;
    context.lineWidth = 1;
    context.fill();
    context.stroke();
    const text = `${words} ${percentText(density)}`;
    const textWidth = context.measureText(text).width;
    const start = Math.min(x + 8, width - textWidth);
    const label = [1, 2, 3]
      .map((up) => ({ x: start, y: y + 5 - up * lineHeight, end: start + textWidth }))
      .find((place) => taken.every((other) => isApart(place, other)));
    const same = !set && now !== null && Math.abs(x - xOf(now)) < 12;
    if (label === undefined || label.y < 6 || same) continue;
    taken.push(label);
    write(context, text, label.x, label.y, { color: set ? ink.text : ink.quiet, halo: ink.page });
  }
  write(context, '|w| 0', room.left, height + 10, { color: ink.quiet });
  write(context, numberText(limit), width, height + 10, { color: ink.quiet, align: 'right' });
}

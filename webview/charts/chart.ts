import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  LinearScale,
  type ChartConfiguration,
  type ChartType,
} from 'chart.js';
import type { Inks } from '../theme.ts';

Chart.register(BarController, BarElement, CategoryScale, LinearScale);

/** What is drawn over and under the bars, in the chart's own pixels. */
export interface ChartArea {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface BarChart {
  readonly element: HTMLElement;
  /** Draws again with what `describe` says now. */
  draw(): void;
  area(): ChartArea | null;
}

export interface BarScene {
  /** Heights of the bars, in the units of the y axis. */
  readonly heights: readonly number[];
  /** A colour for each bar. */
  readonly colors: readonly string[];
  readonly most: number;
  /** Lines across, at these heights, with what is written beside them. */
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  /** Space around the bars for what is drawn there. */
  readonly padding: {
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
    readonly left: number;
  };
  /** Pixels between bars. */
  readonly gap: number;
}

/** Bars drawn by chart.js: the scene is computed elsewhere, and what goes beyond bars is drawn over them. */
export function barChart(
  ink: () => Inks,
  scene: () => BarScene | null,
  over: (
    context: CanvasRenderingContext2D,
    area: ChartArea,
    chart: { width: number; height: number },
  ) => void,
  pointed: (bar: number | null) => void,
): BarChart {
  const canvas = document.createElement('canvas');
  const element = document.createElement('div');
  element.className = 'chart';
  element.append(canvas);
  let chart: Chart | null = null;

  const config = (now: BarScene): ChartConfiguration => {
    const colors = ink();
    return {
      type: 'bar' satisfies ChartType,
      data: {
        labels: now.heights.map((_, i) => i),
        datasets: [
          {
            data: [...now.heights],
            backgroundColor: [...now.colors],
            barPercentage: 1,
            categoryPercentage: 1,
            borderColor: colors.page,
            borderWidth: { left: 0, right: now.gap, top: 0, bottom: 0 },
            borderSkipped: false,
            minBarLength: 0,
          },
        ],
      },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        events: [],
        layout: { padding: now.padding },
        scales: {
          x: { type: 'category', display: false, offset: true },
          y: { type: 'linear', display: false, min: 0, max: now.most },
        },
      },
      plugins: [
        {
          id: 'lines',
          beforeDatasetsDraw: ({ ctx, chartArea }) => gridLines(ctx, chartArea, now, colors),
          afterDraw: ({ ctx, chartArea, width, height }) => {
            ctx.save();
            ctx.font = colors.font;
            ctx.textBaseline = 'middle';
            over(ctx, chartArea, { width, height });
            ctx.restore();
          },
        },
      ],
    };
  };

  canvas.addEventListener('pointermove', (event) => {
    const area = chart?.chartArea;
    const count = chart?.data.labels?.length ?? 0;
    if (area === undefined || count === 0) return;
    const x = event.offsetX - area.left;
    const bar = Math.floor((x / (area.right - area.left)) * count);
    pointed(bar >= 0 && bar < count ? bar : null);
  });
  canvas.addEventListener('pointerleave', () => pointed(null));

  return {
    element,
    draw() {
      const now = scene();
      if (now === null || !element.isConnected) return;
      chart?.destroy();
      chart = new Chart(canvas, config(now));
    },
    area: () => chart?.chartArea ?? null,
  };
}

function gridLines(context: CanvasRenderingContext2D, area: ChartArea, scene: BarScene, ink: Inks): void {
  context.save();
  context.font = ink.font;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  for (const { at, text } of scene.ticks) {
    const y = Math.round(area.bottom - ((area.bottom - area.top) * at) / scene.most) + 0.5;
    context.strokeStyle = ink.rule;
    context.beginPath();
    context.moveTo(area.left, y);
    context.lineTo(area.right, y);
    context.stroke();
    context.fillStyle = ink.quiet;
    context.fillText(text, area.right + 6, y);
  }
  context.strokeStyle = ink.rest;
  context.beginPath();
  context.moveTo(area.left, Math.round(area.bottom) + 0.5);
  context.lineTo(area.right, Math.round(area.bottom) + 0.5);
  context.stroke();
  context.restore();
}

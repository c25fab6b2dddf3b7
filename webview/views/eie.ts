import { plain } from '../../analyzers/report/clean.ts';
import { machineText } from '../../analyzers/report/eieSheet.ts';
import { eieAxes, type EieAxis, type EieStudy } from '../../analyzers/report/eieStudy.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import { countText, energyText, numberText, percentText } from '../../analyzers/report/units.ts';
import { eiePesPicture } from '../charts/eiePes.ts';
import type { PeCell } from '../charts/eiePesScene.ts';
import { axisNames, microseconds, sweepPlots } from '../charts/eieScene.ts';
import { plots, type Plots } from '../charts/plots.ts';
import type { Plot } from '../charts/plotScene.ts';
import { choice } from '../ui/choice.ts';
import { fill, h } from '../ui/dom.ts';
import { heading } from '../ui/table.ts';
import { lossBars, platformSection, savingBars } from './eieBars.ts';
import { measured } from './eieMeasured.ts';
import { coverageWords, eieTwin, factsTable, sentences, unmodelled } from './eieTables.ts';
import { energyWords, isModelled, whyMissing, type Modelled } from './eieWords.ts';
import { studyLine } from './studyLine.ts';
import type { LayerPicture, View, ViewTools } from './view.ts';

export const eieView: View = {
  id: 'eie',
  title: 'EIE',
  study: 'eie',
  picture: eiePicture,
  twin: eieTwin,
  missing: whyMissing,
};

/** Px of one plot of a sweep. */
const plotSize = { height: 64, width: 300 } as const;

function eiePicture(tools: ViewTools): LayerPicture {
  const { studies, read } = tools;
  let last: { readonly layer: LayerReport; readonly study: EieStudy } | null = null;
  let grid: 'work' | 'starved' = 'work';
  let drawn = -1;

  const ordinary = (): void => {
    if (last === null || !isModelled(last.study)) return;
    const { estimate: eie } = last.study;
    read(
      ['cycles', countText(eie.cycles)],
      ['time', `${microseconds(eie.timeUs)} simulated`],
      ['load balance', percentText(eie.loadBalance)],
      ['energy', `${energyText(eie.energyUj)} by published power`],
    );
  };
  const pes = eiePesPicture((cell) => {
    if (cell === null) ordinary();
    else read(...cellParts(cell));
  });
  const of = choice('entries', 'waiting', (isWork) => {
    grid = isWork ? 'work' : 'starved';
    drawPes();
  });
  const drawPes = (): void => {
    of.show(grid === 'work');
    pes.draw(
      last?.study.pes ?? null,
      grid,
      `Every PE over time, ${plain(last?.layer.name ?? '', 60)}, simulated; arrows choose a cell`,
    );
  };
  const sweeps = Object.fromEntries(
    eieAxes.map((axis) => [axis, sweepChart(axis, () => last, read, ordinary)]),
  ) as Readonly<Record<EieAxis, SweepChart>>;

  const line = h('div');
  const [machine, facts, losses, savings] = [h('div'), h('div'), h('div'), h('div')];
  const [platforms, words, onThisMachine] = [h('div'), h('div'), h('div')];
  const peHead = heading('PEs over time', 'a line each, PE 0 on top; beside it the whole run ');
  peHead.append(of.element);
  const body = h(
    'div',
    { class: 'eie-body' },
    machine,
    h('div', { class: 'columns' }, h('section', {}, peHead, pes.element, peKey()), facts),
    h('div', { class: 'columns' }, losses, savings),
    heading('Other machines', 'one parameter changed, simulated; filled: as it is; dashed: assumed'),
    h('div', { class: 'eie-sweeps' }, ...eieAxes.map((axis) => sweeps[axis].element)),
    platforms,
    words,
    onThisMachine,
  );
  const element = h('div', { class: 'eie-view' }, line, body);

  return {
    element,
    keys: [['←→↑↓', 'along']],
    update({ theme }, layer) {
      const state = studies.of('eie', layer);
      const before = last;
      if (state.kind === 'done') last = { layer, study: state.value };
      else if (last?.layer.index !== layer.index) last = null;
      fill(line, state.kind === 'done' ? null : studyLine(state, studies));
      body.hidden = last === null || !isModelled(last.study);
      if (last === null) {
        read('simulated on the layer’s own non-zeros');
        return;
      }
      const { study } = last;
      if (!isModelled(study)) {
        if (state.kind === 'done') fill(line, unmodelled(study));
        return;
      }
      fill(onThisMachine, measured(layer, tools));
      // While a measurement runs the rest stays as it is, with what is pointed at.
      if (before?.study === study && before.layer === layer) {
        if (theme !== drawn) redraw(theme);
        return;
      }
      fillParts(layer, study);
      redraw(theme);
      ordinary();
    },
  };

  function redraw(theme: number): void {
    drawn = theme;
    drawPes();
    for (const axis of eieAxes) sweeps[axis].draw();
  }

  function fillParts(layer: LayerReport, study: Modelled): void {
    fill(
      machine,
      heading(
        'As published',
        `${machineText(study.ask.machine)}; figures are simulated, codes of ${study.ask.machine.codeBits.toString()} bits whatever the recipe’s codebook has`,
      ),
    );
    fill(facts, heading('One product', 'of the compressed matrix and a vector'), factsTable(layer, study));
    fill(losses, lossBars(study));
    fill(savings, savingBars(layer, study));
    fill(platforms, platformSection(layer, study));
    fill(
      words,
      heading('Notes', ''),
      ...sentences([...study.notes, ...energyWords, ...coverageWords(tools)]),
    );
  }
}

const peKey = (): HTMLElement =>
  h(
    'p',
    { class: 'eie-key small quiet' },
    'bars: ',
    ...(['non-zeros', 'padding', 'waiting'] as const).flatMap((name) => [
      h('i', { class: `swatch ${name}` }),
      `${name} `,
    ]),
  );

interface SweepChart {
  readonly element: HTMLElement;
  draw(): void;
}

function sweepChart(
  axis: EieAxis,
  last: () => { readonly layer: LayerReport; readonly study: EieStudy } | null,
  read: ViewTools['read'],
  ordinary: () => void,
): SweepChart {
  const { title, unit } = axisNames[axis];
  let scene: readonly Plot[] = [];
  const sweepOf = (): EieStudy['sweeps'][number] | undefined =>
    last()?.study.sweeps.find((one) => one.axis === axis);
  const chart: Plots = plots(
    {
      label: () => `${title} swept for ${plain(last()?.layer.name ?? '', 60)}, simulated; arrows go along`,
      ...plotSize,
      shared: true,
    },
    () => scene,
    (at) => {
      const sweep = sweepOf();
      const point = at === null ? undefined : sweep?.points[at.point];
      if (sweep === undefined || point === undefined) ordinary();
      else
        read(
          [title, `${countText(point.value)} ${unit}`],
          ['time', microseconds(point.timeUs)],
          ['balance', percentText(point.loadBalance)],
          [
            sweep.energyBasis === 'assumed' ? 'energy, assumed' : 'energy, published power',
            energyText(point.energyUj),
          ],
          ['reads', countText(point.spmatReads)],
          ['entries', countText(point.entries)],
        );
    },
  );
  const element = h('div', {}, heading(title, unit), chart.element);
  return {
    element,
    draw() {
      const sweep = sweepOf();
      const study = last()?.study;
      element.hidden = sweep === undefined || sweep.points.length === 0;
      if (sweep === undefined || study === undefined) return;
      scene = sweepPlots(sweep, study.ask.machine);
      chart.draw();
    },
  };
}

const cellParts = ({
  pe,
  bin,
  work,
  padding,
  starved,
  from,
  to,
}: PeCell): (readonly [string, string] | string)[] => [
  ['PE', countText(pe)],
  bin === null ? 'the whole run' : ['cycles', `${countText(from)} to ${countText(to)}`],
  ['entries', numberText(work)],
  ...(padding === null ? [] : [['padding', numberText(padding)] as const]),
  ['waiting', `${numberText(starved)} cycles`],
];

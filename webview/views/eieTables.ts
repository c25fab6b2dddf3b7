import { coverageOf, coverageText } from '../../analyzers/report/amdahl.ts';
import { plain, plainMessage } from '../../analyzers/report/clean.ts';
import { machineText } from '../../analyzers/report/eieSheet.ts';
import type { EieStudy, EieSweep } from '../../analyzers/report/eieStudy.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import { platformSummaries } from '../../analyzers/report/platforms.ts';
import {
  countText,
  energyText,
  factorText,
  numberText,
  percentText,
  wattsText,
} from '../../analyzers/report/units.ts';
import { axisNames, microseconds, platformLabel } from '../charts/eieScene.ts';
import { h } from '../ui/dom.ts';
import { figures, heading, type TableRow } from '../ui/table.ts';
import { savingFactor, savingTerms, totalWords } from './eieBars.ts';
import { measured } from './eieMeasured.ts';
import {
  causeNames,
  eieFacts,
  energyWords,
  isModelled,
  lossesOf,
  platformsOf,
  savingsOf,
  whySlow,
} from './eieWords.ts';
import type { Modelled } from './eieWords.ts';
import { studyLine } from './studyLine.ts';
import type { ViewTools } from './view.ts';

/** Rows of the table of PEs. */
const mostPes = 256;

export const sentences = (texts: readonly string[]): HTMLElement[] =>
  texts.map((text) => h('p', { class: 'eie-words small quiet', text: plainMessage(text) }));

export const factsTable = (layer: LayerReport, study: Modelled): HTMLElement =>
  figures({
    caption: 'Figures of the accelerator',
    columns: [{ head: '' }, { head: '' }, { head: '', start: true }],
    rows: eieFacts(layer, study).map(({ what, value, terms }) => ({
      cells: [what, h('b', { text: value }), h('span', { class: 'quiet small', text: terms })],
    })),
  });

/** Why a layer that was asked for has no figures. */
export const unmodelled = ({ notes }: EieStudy): HTMLElement =>
  h('div', {}, ...sentences(['Not modelled.', ...notes]));

/** What of the whole network the accelerator computes, by the layers that are read. */
export const coverageWords = ({ store }: Pick<ViewTools, 'store'>): readonly string[] =>
  coverageText(coverageOf([...store.get().layers.values()]));

/** Everything of the picture as figures. */
export function eieTwin(layer: LayerReport, tools: ViewTools): HTMLElement {
  const { studies } = tools;
  const state = studies.of('eie', layer);
  if (state.kind !== 'done') return studyLine(state, studies);
  const study = state.value;
  if (!isModelled(study)) return unmodelled(study);
  const parts = [
    heading(`EIE on ${plain(layer.name, 60)}`, `${machineText(study.ask.machine)}; simulated`),
    factsTable(layer, study),
    ...sentences([...energyWords, ...study.notes]),
    heading('Where the cycles go', whySlow(study)),
    lossTable(study),
    ...study.sweeps.flatMap((sweep) => sweepTable(sweep, study)),
    ...savingTable(layer, study),
    ...platformTable(layer, study),
    ...peTable(study),
    heading('The whole network', 'what the accelerator computes of it'),
    ...sentences(coverageWords(tools)),
    measured(layer, tools),
  ];
  return h('div', { class: 'twins eie-twin' }, ...parts.map(scrolled));
}

/** Tables of many columns move sideways by themselves where there is no room. */
const scrolled = (part: HTMLElement): HTMLElement =>
  part.tagName === 'TABLE' ? h('div', { class: 'eie-scrolled' }, part) : part;

const lossTable = (study: Modelled): HTMLElement =>
  figures({
    caption: 'Where the cycles go',
    columns: [{ head: 'cause' }, { head: 'cycles' }, { head: 'share' }, { head: 'why', start: true }],
    rows: lossesOf(study).map(({ cause, cycles, text }) => ({
      cells: [
        causeNames[cause],
        numberText(cycles),
        percentText(cycles / Math.max(1, study.estimate.cycles)),
        wrapped(text),
      ],
    })),
    foot: { cells: ['all', countText(study.estimate.cycles), '', ''] },
  });

const wrapped = (text: string): HTMLElement =>
  h('span', { class: 'eie-wrapped small quiet', text: plainMessage(text) });

function sweepTable({ axis, points, energyBasis, how }: EieSweep, { ask }: Modelled): HTMLElement[] {
  const { title, unit, key } = axisNames[axis];
  return [
    heading(`${title} swept`, 'simulated; the rest of the machine stays as it is'),
    figures({
      caption: `${title} swept`,
      columns: [
        { head: unit },
        { head: 'cycles' },
        { head: 'time' },
        { head: 'load balance' },
        { head: energyBasis === 'assumed' ? 'energy, assumed' : 'energy, published power' },
        { head: 'matrix reads' },
        { head: 'entries' },
      ],
      rows: points.map((point) => ({
        kind: point.value === ask.machine[key] ? ('now' as const) : undefined,
        cells: [
          countText(point.value),
          countText(point.cycles),
          microseconds(point.timeUs),
          percentText(point.loadBalance),
          energyText(point.energyUj),
          countText(point.spmatReads),
          countText(point.entries),
        ],
      })),
    }),
    ...sentences([how]),
  ];
}

function savingTable(layer: LayerReport, study: Modelled): HTMLElement[] {
  const falls = savingsOf(layer, study);
  if (falls === null) return [];
  return [
    heading('What saves energy', 'reading the weights once, simulated'),
    figures({
      caption: 'What saves energy',
      columns: [
        { head: '' },
        { head: 'factor' },
        { head: 'paper' },
        { head: 'left' },
        { head: 'results', start: true },
        { head: 'what is counted', start: true },
      ],
      rows: [
        { cells: ['dense, 32 bits, DRAM', '', '', energyText(falls.denseUj), '', ''] },
        ...falls.steps.map((step) => ({
          cells: [
            step.label,
            savingFactor(step),
            step.paper === null ? '' : factorText(step.paper),
            energyText(step.uj),
            savingTerms(step),
            wrapped(step.text),
          ],
        })),
      ],
    }),
    ...sentences([totalWords(falls)]),
  ];
}

const or = (value: number | null, text: (value: number) => string): string =>
  value === null ? '' : text(value);

function platformTable(layer: LayerReport, study: Modelled): HTMLElement[] {
  const { rows, notes, benchmark } = platformsOf(layer, study);
  return [
    heading('Beside other platforms', benchmark === null ? '' : `the paper’s times are of ${benchmark}`),
    figures({
      caption: 'Platforms',
      columns: [
        { head: '' },
        { head: 'basis', start: true },
        { head: 'time' },
        { head: 'power' },
        { head: 'energy' },
        { head: 'speed-up' },
        { head: 'energy efficiency' },
      ],
      rows: rows.map((one) => ({
        kind: one.basis === 'simulated' ? ('now' as const) : undefined,
        cells: [
          platformLabel(one),
          one.basis,
          microseconds(one.timeUs),
          or(one.powerW, wattsText),
          or(one.energyUj, energyText),
          or(one.speedup, factorText),
          or(one.energyEfficiency, factorText),
        ],
      })),
    }),
    ...sentences(notes),
    heading('Platforms of Table V', 'the paper’s rows are of fc7 of AlexNet, TrueNorth’s of an LSTM'),
    figures({
      caption: 'Platforms of Table V',
      columns: [
        { head: '' },
        { head: 'basis', start: true },
        { head: 'year' },
        { head: 'nm' },
        { head: 'MHz' },
        { head: 'memory', start: true },
        { head: 'mm²' },
        { head: 'power' },
        { head: 'vectors/s' },
        { head: '/s/mm²' },
        { head: '/J' },
      ],
      rows: platformSummaries({ eie: study.estimate }).map((one): TableRow => ({
        kind: one.basis === 'simulated' ? 'now' : undefined,
        cells: [
          one.name,
          one.basis,
          one.year === null ? '' : one.year.toString(),
          one.technologyNm.toString(),
          one.clockMhz === null ? 'async' : countText(one.clockMhz),
          one.memory,
          or(one.areaMm2, numberText),
          or(one.powerW, wattsText),
          or(one.vectorsPerSecond, numberText),
          or(one.perSecondPerMm2, numberText),
          or(one.perJoule, numberText),
        ],
      })),
    }),
  ];
}

function peTable({ pes, estimate }: Modelled): HTMLElement[] {
  if (pes === null) return [];
  return [
    heading('Every PE', 'entries with padding, a cycle each; simulated'),
    figures({
      caption: 'Every PE',
      columns: [
        { head: 'PE' },
        { head: 'entries' },
        { head: 'padding' },
        { head: 'waiting' },
        { head: 'share of the cycles at work' },
      ],
      rows: pes.work.slice(0, mostPes).map((work, pe) => ({
        cells: [
          countText(pe),
          countText(work),
          pes.padding === undefined ? '' : countText(pes.padding[pe] ?? 0),
          countText(pes.starved[pe] ?? 0),
          percentText(work / Math.max(1, estimate.cycles)),
        ],
      })),
    }),
  ];
}

import { coverageText, type Coverage } from './amdahl.ts';
import { plain } from './clean.ts';
import { csvLine } from './csv.ts';
import type { BreakEvenStudy } from './breakEven.ts';
import { breakEvenLines } from './breakEvenText.ts';
import type { EieMachine, LayerEie } from './eie.ts';
import { denseRead, publishedEnergy, type EnergyTable } from './energyTable.ts';
import type { EieStudy, EieSweep } from './eieStudy.ts';
import { jsonText } from './json.ts';
import { codeText, markdownTable, markdownText } from './markdown.ts';
import { platformLines, platformTimes } from './platforms.ts';
import type { Recipe } from './recipe.ts';
import { recipeLine } from './summary.ts';
import { cutMiddle, padded, painter, widthOf, wrapped } from './terminal.ts';
import { waterfallLines } from './waterfall.ts';
import { counted, countText, energyText, numberText, percentText, shapeText, thin } from './units.ts';

export interface EieSheetLayer {
  readonly index: number;
  readonly name: string;
  readonly op: string;
  readonly rows: number;
  readonly cols: number;
  readonly study: EieStudy;
  /** Measured on this machine; null unless that was asked for. */
  readonly breakEven: BreakEvenStudy | null;
}

/** What `slimscope eie` tells. */
export interface EieSheet {
  readonly tool: string;
  /** A file, or what was drawn at random. */
  readonly model: string;
  /** Null for layers that nobody trained. */
  readonly recipe: Recipe | null;
  readonly machine: EieMachine;
  /** Null for layers that are no whole model. */
  readonly coverage: Coverage | null;
  readonly layers: readonly EieSheetLayer[];
}

const microseconds = (us: number): string => `${numberText(us)}${thin}µs`;

/** One object with every layer; of a sweep one object a layer, a list of them when there are several. */
export function eieJson({ tool, model, recipe, machine, coverage, layers }: EieSheet): string {
  const sweeps = layers.flatMap(({ name, study }) =>
    study.sweeps.map(({ axis, points, energyBasis, how }) => ({
      layer: name,
      axis,
      points,
      energyBasis,
      how,
    })),
  );
  const [only] = sweeps;
  if (only !== undefined) return jsonText(sweeps.length === 1 ? only : sweeps);
  return jsonText({
    schema: 1,
    tool,
    model,
    recipe,
    machine,
    coverage,
    layers: layers.map(({ index, name, op, rows, cols, study, breakEven }) => {
      const { estimate, activations, usefulShare, products, losses, waterfall = null, notes } = study;
      return {
        index,
        name,
        op,
        rows,
        cols,
        eie: estimate,
        energyTable: study.ask.energy?.name ?? publishedEnergy.name,
        activations,
        usefulShare,
        products,
        losses,
        waterfall,
        notes,
        ...(breakEven !== null && { breakEven }),
      };
    }),
  });
}

type Cell = readonly [head: string, of: (eie: LayerEie, layer: EieSheetLayer) => string | number | boolean];

const csvCells: readonly Cell[] = [
  ['pes', ({ pes }) => pes],
  ['fifo', ({ fifo }) => fifo],
  ['projection', ({ projection }) => projection],
  ['activationSource', ({ activationSource }) => activationSource],
  ['entries', ({ entries }) => entries],
  ['padding', ({ padding }) => padding],
  ['activeColumns', ({ activeColumns }) => activeColumns],
  ['activeEntries', ({ activeEntries }) => activeEntries],
  ['theoreticalCycles', ({ theoreticalCycles }) => theoreticalCycles],
  ['cycles', ({ cycles }) => cycles],
  ['theoreticalUs', ({ theoreticalUs }) => theoreticalUs],
  ['timeUs', ({ timeUs }) => timeUs],
  ['loadBalance', ({ loadBalance }) => loadBalance],
  ['pointerReads', ({ pointerReads }) => pointerReads],
  ['spmatReads', ({ spmatReads }) => spmatReads],
  ['energyUj', ({ energyUj }) => energyUj],
  ['energyBottomUpUj', ({ energyBottomUpUj }) => energyBottomUpUj],
  ['usefulShare', (_, { study }) => study.usefulShare],
];

/** One line a layer, or a point of a sweep. */
export function eieCsv({ layers }: EieSheet): string {
  if (layers.some(({ study }) => study.sweeps.length > 0)) return sweepCsv(layers);
  const head = ['index', 'name', 'op', 'rows', 'cols', ...csvCells.map(([name]) => name)];
  const lines = layers.map((layer) => {
    const { index, name, op, rows, cols, study } = layer;
    const eie = study.estimate;
    return csvLine([
      index,
      name,
      op,
      rows,
      cols,
      ...csvCells.map(([, of]) => (eie === null ? null : of(eie, layer))),
    ]);
  });
  return [csvLine(head), ...lines].join('');
}

function sweepCsv(layers: readonly EieSheetLayer[]): string {
  const head =
    'layer axis value cycles timeUs loadBalance energyUj energyBasis pointerReads spmatReads entries'.split(
      ' ',
    );
  const lines = layers.flatMap(({ name, study }) =>
    study.sweeps.flatMap(({ axis, points, energyBasis }) =>
      points.map((point) =>
        csvLine([
          name,
          axis,
          point.value,
          point.cycles,
          point.timeUs,
          point.loadBalance,
          point.energyUj,
          energyBasis,
          point.pointerReads,
          point.spmatReads,
          point.entries,
        ]),
      ),
    ),
  );
  return [csvLine(head), ...lines].join('');
}

/** '64 PEs at 800 MHz, entries of 4 + 4 bits, 64 bits a read, ring 8 = 7 queued + 1 in the pointer register' */
export const machineText = ({ pes, fifo, indexBits, codeBits, sramBits, clockMhz }: EieMachine): string =>
  `${counted(pes, 'PE')} at ${countText(clockMhz)} MHz, entries of ${indexBits.toString()} + ${codeBits.toString()} bits, ${countText(sramBits)} bits a read, ring ${fifo.toString()} = ${(fifo - 1).toString()} queued + 1 in the pointer register`;

/** Whose power the first energy is by. */
const powerText = (energy: EnergyTable | undefined): string =>
  energy === undefined || energy.edited.length === 0
    ? 'published power (EIE, Table II)'
    : `the power of the table ${plain(energy.name)}, which changes ${energy.edited.join(', ')},`;

/** What all figures are, and under which recipe: simulated, one-shot, with codes of the machine's own width. */
export const conditionsText = ({ recipe, machine }: Pick<EieSheet, 'recipe' | 'machine'>): string =>
  recipe === null
    ? 'Simulated, not measured, on weights drawn at random.'
    : `Simulated, not measured, on the non-zeros that the recipe keeps (${recipeLine(recipe)}); one-shot, accuracy unknown. Codes are of the machine's ${machine.codeBits.toString()} bits, whatever the recipe's codebook has.`;

/** What is said of one layer, line by line. */
export function eieLines({ rows, cols, study, breakEven }: EieSheetLayer): readonly string[] {
  const { estimate: eie, activations, losses, usefulShare, products, waterfall = null } = study;
  if (eie === null) return [`Not modelled. ${study.notes.join(' ')}`];
  const { active, columns, savedWork } = activations;
  const dense = denseRead(32 * rows * cols, study.ask.energy);
  return [
    `${countText(eie.cycles)} cycles, ${microseconds(eie.timeUs)}; by the work alone ${microseconds(eie.theoreticalUs)}, load balance ${percentText(eie.loadBalance)}.`,
    `${energyText(eie.energyUj)} by ${powerText(study.ask.energy)} and time; ${energyText(eie.energyBottomUpUj)} by counted events ${study.ask.energy === undefined || study.ask.energy.edited.length === 0 ? '(EIE, Table I)' : 'at the prices of that table'}.`,
    `Reading the dense matrix once at 32 bits a weight takes ${energyText(dense.dramUj)} from DRAM and ${energyText(dense.sramUj)} from SRAM.`,
    // Without a non-zero there is nothing to save.
    ...(waterfall === null || eie.entries === eie.padding ? [] : waterfallLines(waterfall)),
    `${countText(eie.entries)} entries, ${countText(eie.padding)} of them padding; ${countText(eie.spmatReads)} words of the matrix and ${countText(eie.pointerReads)} pairs of pointers read.`,
    `${countText(active)} of ${countText(columns)} inputs active (${plain(eie.activationSource)}): zero activations save ${percentText(savedWork)} of the work, exactly.`,
    `${percentText(usefulShare)} of the PE cycles go to non-zeros${products > 1 ? `, over ${countText(products)} output positions` : ''}:`,
    ...losses
      .filter(({ cycles }) => cycles > 0)
      .map(
        ({ cause, cycles, text }) =>
          `  ${cause}: ${numberText(cycles)} cycles (${percentText(cycles / eie.cycles)}). ${text}`,
      ),
    ...platformLines(
      platformTimes({ rows, cols, density: (eie.entries - eie.padding) / Math.max(1, rows * cols), eie }),
    ),
    ...study.notes.filter((note) => !note.startsWith('Ring ')),
    ...(breakEven === null ? [] : breakEvenLines(breakEven)),
  ];
}

const headsOf = ({ axis, energyBasis }: EieSweep): readonly string[] => [
  axis,
  'cycles',
  'time',
  'balance',
  energyBasis === 'assumed' ? 'energy (assumed)' : 'energy',
  'matrix reads',
  'entries',
];

const rowsOf = ({ points }: EieSweep): string[][] =>
  points.map((point) => [
    countText(point.value),
    countText(point.cycles),
    microseconds(point.timeUs),
    percentText(point.loadBalance),
    energyText(point.energyUj),
    countText(point.spmatReads),
    countText(point.entries),
  ]);

export function eieMarkdown({ model, recipe, machine, coverage, layers }: EieSheet): string {
  const parts = [
    `## ${codeText(model)}: EIE`,
    `${machineText(machine)}.`,
    markdownText(conditionsText({ recipe, machine })),
  ];
  if (coverage !== null) parts.push(coverageText(coverage).map(markdownText).join(' '));
  for (const layer of layers) {
    const { name, rows, cols, study } = layer;
    parts.push(`### ${codeText(name)}`, markdownText(shapeText([rows, cols])));
    parts.push(
      eieLines(layer)
        .map((line) => `- ${markdownText(line.trim())}`)
        .join('\n'),
    );
    for (const sweep of study.sweeps) {
      const heads = headsOf(sweep);
      parts.push(
        markdownTable(
          heads,
          heads.map(() => 'right'),
          rowsOf(sweep),
        ),
        sweep.how,
      );
    }
  }
  return `${parts.join('\n\n')}\n`;
}

/** For a terminal of `width` columns. */
export function eieText(
  { model, recipe, machine, coverage, layers }: EieSheet,
  options: { readonly color: boolean; readonly width: number },
): string {
  const paint = painter(options.color);
  const prose = (text: string): string[] => wrapped(text, options.width);
  const blocks = [
    [
      ...prose(plain(model)).map((line) => paint('bold', line)),
      ...prose(`${machineText(machine)}.`).map((line) => paint('quiet', line)),
      ...prose(conditionsText({ recipe, machine })),
      ...(coverage === null ? [] : coverageText(coverage)).flatMap(prose),
    ],
  ];
  for (const layer of layers) {
    const { name, rows, cols, study } = layer;
    blocks.push([
      paint('bold', cutMiddle(`${plain(name)}, ${shapeText([rows, cols])}`, options.width)),
      ...eieLines(layer).flatMap((line) => prose(line)),
      ...study.sweeps.flatMap((sweep) => [
        '',
        ...tableLines(headsOf(sweep), rowsOf(sweep)),
        ...prose(sweep.how),
      ]),
    ]);
  }
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** A table of numbers, every column to the right. */
export function tableLines(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [heads, ...rows];
  const widths = heads.map((_, i) => Math.max(...all.map((row) => widthOf(row[i] ?? ''))));
  return all.map((row) => row.map((text, i) => padded(text, widths[i] ?? 0, 'right')).join('  '));
}

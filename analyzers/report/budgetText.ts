import type { BudgetChoice, BudgetResult, BudgetSpent } from './budget.ts';
import { plain } from './clean.ts';
import type { Report } from './report.ts';
import { bytesText, counted, countText, numberText, percentText } from './units.ts';

/** A budget as the terminal, Markdown and HTML print it. */
export interface BudgetSheet {
  /** Whole sentences. */
  readonly lines: readonly string[];
  readonly columns: readonly BudgetColumn[];
  readonly choices: readonly BudgetChoice[];
  /** How the reasons are read, below them; empty without choices. */
  readonly notes: readonly string[];
}

interface BudgetColumn {
  readonly head: string;
  readonly align: 'left' | 'right';
  /** A text from the file: to be escaped by whoever prints it. */
  readonly fromFile: boolean;
  readonly cell: (choice: BudgetChoice) => string;
}

const column = (
  head: string,
  cell: BudgetColumn['cell'],
  align: BudgetColumn['align'] = 'right',
): BudgetColumn => ({ head, align, fromFile: head === 'layer', cell });

const bytes = (n: number): string => counted(n, 'byte');

/** How the reasons of a budget are read. */
export const budgetReading =
  'Larger and smaller are the next choices that a price on bytes can reach; those between them are taken only to fill the gap. The price is the distortion that one byte more would save where layers were traded; the gap is what the choice leaves of the target.';

/** Null without a budget. */
export function budgetSheet({ budget, layers }: Pick<Report, 'budget' | 'layers'>): BudgetSheet | null {
  if (budget === null) return null;
  return {
    lines: budgetLines(budget, layers.length),
    columns: [
      column('layer', ({ name }) => plain(name), 'left'),
      column('kept', ({ layer }) => {
        const prune = layers.find(({ index }) => index === layer)?.prune;
        return prune === null || prune === undefined ? '' : percentText(prune.density);
      }),
      column('bits', ({ bits }) => (bits === null ? 'as stored' : countText(bits))),
      column('bytes', ({ codedBytes }) => countText(codedBytes)),
      column('distortion', ({ distortion }) => numberText(distortion)),
      column('why', ({ why }) => why, 'left'),
    ],
    choices: budget.choices,
    notes: budget.choices.length === 0 ? [] : [budgetReading],
  };
}

function budgetLines(budget: BudgetResult, layers: number): string[] {
  const { multiplier } = budget;
  const unread = layers - budget.choices.length;
  if (budget.choices.length === 0)
    return [
      `Asked for ${budget.target}, but nothing was chosen: ${
        layers === 0 ? 'the model has no layers' : 'the weights of no layer could be read'
      }.`,
    ];
  const jump = `the largest step between neighbouring choices of one layer is ${bytesText(budget.largestJumpBytes)}`;
  return [
    `Asked for ${budget.target}: at most ${bytes(budget.targetBytes)} of coded weights. Reached ${bytes(budget.codedBytes)}, which leaves ${bytes(budget.gapBytes)}; ${jump}.`,
    ...(unread === 0
      ? []
      : [
          `${counted(unread, 'layer')} could not be read: what is said here leaves ${unread === 1 ? 'it' : 'them'} out.`,
        ]),
    `The choices go from ${bytesText(budget.leastBytes)} to ${bytesText(budget.mostBytes)}, estimated from the curves. Distortion, summed over layers, is ${numberText(budget.distortion)}; ${
      multiplier === null
        ? 'no layer had to be traded against another'
        : `the price at which layers were traded is ${numberText(multiplier)} a byte`
    }.`,
    'Distortion is data-free: the mean over rows of the squared error relative to the row. It says nothing about accuracy.',
  ];
}

/** Bytes of a container by what they are. */
export interface SlimParts {
  readonly streams: number;
  /** All of the model but the weights of its layers. */
  readonly rest: number;
  /** With the alignment of what follows them. */
  readonly headers: number;
}

/**
 * Why a file is larger than the budget that its recipe was chosen for; nothing when it is not. `parts` is null of a
 * model, whose weights are not coded.
 */
export function budgetNotes(
  budget: BudgetSpent | null,
  fileBytes: number,
  parts: SlimParts | null,
): readonly string[] {
  if (budget === null || fileBytes <= budget.targetBytes) return [];
  const { target, targetBytes, codedBytes } = budget;
  const asked = target.startsWith('factor')
    ? `${target}, at most ${bytes(targetBytes)},`
    : `of ${bytes(targetBytes)}`;
  const where =
    parts === null
      ? 'the model holds its weights uncoded, in their places: a container holds them coded'
      : `the file holds their streams of ${bytes(parts.streams)}, ${bytes(parts.rest)} of everything else, and ${bytes(parts.headers)} of headers and alignment`;
  return [`The budget ${asked} is of the coded weights, which take ${bytes(codedBytes)}; ${where}.`];
}

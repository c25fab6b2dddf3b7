import type { BudgetChoice, BudgetResult } from './budget.ts';
import { plain } from './clean.ts';
import type { Report } from './report.ts';
import { bytesText, countText, numberText, percentText } from './units.ts';

/** A budget as the terminal, Markdown and HTML print it. */
export interface BudgetSheet {
  /** Whole sentences. */
  readonly lines: readonly string[];
  readonly columns: readonly BudgetColumn[];
  readonly choices: readonly BudgetChoice[];
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

const bytes = (n: number): string => `${countText(n)} bytes`;

/** Null without a budget. */
export function budgetSheet({ budget, layers }: Pick<Report, 'budget' | 'layers'>): BudgetSheet | null {
  if (budget === null) return null;
  return {
    lines: budgetLines(budget),
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
  };
}

function budgetLines(budget: BudgetResult): string[] {
  const { multiplier } = budget;
  const jump = `the largest step between neighbouring choices of one layer is ${bytesText(budget.largestJumpBytes)}`;
  return [
    `Asked for ${budget.target}: at most ${bytes(budget.targetBytes)} of coded weights. Reached ${bytes(budget.codedBytes)}, which leaves ${bytes(budget.gapBytes)}; ${jump}.`,
    `The choices go from about ${bytesText(budget.leastBytes)} to ${bytesText(budget.mostBytes)}. Distortion, summed over layers, is ${numberText(budget.distortion)}; ${
      multiplier === null
        ? 'no layer had to be traded against another'
        : `the price at which layers were traded is ${numberText(multiplier)} a byte`
    }.`,
    'Distortion is data-free: the mean over rows of the squared error relative to the row. It says nothing about accuracy.',
  ];
}

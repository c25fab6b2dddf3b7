import type { OptionSpec, ParsedArgs } from './args.ts';

/** One word behind `slimscope`. To add a command: a file that exports one, and a line in commands.ts. */
export interface Command {
  readonly name: string;
  /** What stands behind the name: 'MODEL --out FILE.slim'. */
  readonly takes: string;
  /** For the help, one line. */
  readonly does: string;
  readonly options: readonly OptionSpec[];
  readonly run: (args: ParsedArgs, signal: AbortSignal) => Promise<void>;
}

/** 'slimscope compress MODEL --out FILE.slim [options]' */
export const usageOf = ({ name, takes }: Pick<Command, 'name' | 'takes'>): string =>
  `slimscope ${name} ${takes} [options]`;

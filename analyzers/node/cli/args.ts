import { UsageError } from './exitCode.ts';
import { nearest } from './suggest.ts';

/** One option of a command: `value` is how its value is written in the help, null for a flag. */
export interface OptionSpec {
  readonly name: string;
  readonly value: string | null;
  readonly help: string;
}

export interface ParsedArgs {
  readonly positional: readonly string[];
  readonly values: ReadonlyMap<string, string>;
  readonly flags: ReadonlySet<string>;
}

/** Longest piece of the command line that an error repeats. */
const shown = 60;
/** A word of the command line, fit for an error message. */
export const quoted = (word: string): string =>
  JSON.stringify(word.length > shown ? `${word.slice(0, shown - 1)}…` : word);

/**
 * Splits a command line into words and options: '--name value', '--name=value', '--flag'; after '--' all are words.
 * Throws UsageError for an option that is unknown, given twice, or has no value.
 */
export function parseArgs(args: readonly string[], specs: readonly OptionSpec[]): ParsedArgs {
  const positional: string[] = [];
  const values = new Map<string, string>();
  const flags = new Set<string>();
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') {
      positional.push(...rest);
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      positional.push(arg);
      continue;
    }
    const at = arg.indexOf('=');
    const given = at < 0 ? arg : arg.slice(0, at);
    const name = short[given] ?? given;
    const spec = specs.find((one) => `--${one.name}` === name);
    if (spec === undefined) throw unknownOption(given, specs);
    if (flags.has(spec.name) || values.has(spec.name)) throw new UsageError(`${name} is given twice`);
    if (spec.value === null) {
      if (at >= 0) throw new UsageError(`${name} takes no value`);
      flags.add(spec.name);
      continue;
    }
    const value = at < 0 ? rest.shift() : arg.slice(at + 1);
    if (value === undefined || value === '' || (at < 0 && value.startsWith('--')))
      throw new UsageError(`${name} needs a value: ${name} ${spec.value}`);
    values.set(spec.name, value);
  }
  return { positional, values, flags };
}

const short: Readonly<Record<string, string>> = { '-h': '--help', '-V': '--version' };

function unknownOption(given: string, specs: readonly OptionSpec[]): UsageError {
  const near = nearest(
    given,
    specs.map(({ name }) => `--${name}`),
  );
  const hint = near === null ? 'slimscope --help lists the options' : `did you mean ${near}?`;
  return new UsageError(`there is no option ${quoted(given)}; ${hint}`);
}

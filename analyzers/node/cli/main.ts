import { plainMessage } from '../../report/clean.ts';
import { failureOf } from '../../rpc/failure.ts';
import { version } from '../../run/version.ts';
import { parseArgs, quoted, type ParsedArgs } from './args.ts';
import type { Command } from './command.ts';
import { commands } from './commands.ts';
import { exitCode, UsageError } from './exitCode.ts';
import { commandHelp, commonOptions, helpText, optionsOf } from './options.ts';
import { nearest } from './suggest.ts';
import { isBrokenPipe, print } from './terminal.ts';

// The entry of the command line. Standard output carries only results; what goes wrong is one line on standard error.

/** After a signal the process ends within so long, whatever still runs: milliseconds. */
const farewellMs = 150;

async function run(args: readonly string[], signal: AbortSignal): Promise<void> {
  const parsed = parseArgs(args, optionsOf(commands));
  if (parsed.flags.has('help')) {
    const asked = commands.find(({ name }) => name === parsed.positional[0]);
    return print(process.stdout, asked === undefined ? helpText(commands) : commandHelp(asked));
  }
  if (parsed.flags.has('version')) return print(process.stdout, `slimscope ${version}\n`);
  const [word, ...positional] = parsed.positional;
  if (word === undefined)
    throw new UsageError('no command is given; try slimscope analyze MODEL, or slimscope --help');
  const command = commands.find(({ name }) => name === word);
  if (command === undefined) {
    const near = nearest(
      word,
      commands.map(({ name }) => name),
    );
    const hint = near === null ? 'slimscope --help lists the commands' : `did you mean ${near}?`;
    throw new UsageError(`there is no command ${quoted(word)}; ${hint}`);
  }
  checkOptions(command, parsed);
  return command.run({ ...parsed, positional }, signal);
}

/** Options of other commands are refused: whoever gives one expects it to do something. */
function checkOptions({ name, options }: Command, { values, flags }: ParsedArgs): void {
  const known = new Set([...options, ...commonOptions].map((option) => option.name));
  const strange = [...values.keys(), ...flags].find((given) => !known.has(given));
  if (strange !== undefined)
    throw new UsageError(
      `${name} has no option --${strange}; slimscope ${name} --help lists those that it has`,
    );
}

/** 'slimscope: lenet.onnx ends at byte 77; copy or export it again [file/truncated at byte 77]' */
function complaint(error: unknown): string {
  const { code, message, offset } = failureOf(error);
  const known = code !== 'unknown' && !(error instanceof UsageError);
  const place = offset === undefined ? '' : ` at byte ${offset.toString()}`;
  return `slimscope: ${plainMessage(message)}${known ? ` [${code}${place}]` : ''}\n`;
}

async function main(): Promise<number> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      stop.abort();
      setTimeout(() => process.exit(exitCode.interrupted), farewellMs);
    });
  }
  // A reader that went away (head, less) has had enough: that is no error.
  process.stdout.on('error', (error) => {
    if (isBrokenPipe(error)) process.exit(exitCode.done);
  });
  process.stderr.on('error', () => {});
  try {
    await run(process.argv.slice(2), stop.signal);
    return exitCode.done;
  } catch (error) {
    if (stop.signal.aborted) return exitCode.interrupted;
    await print(process.stderr, complaint(error));
    if (process.env['SLIMSCOPE_DEBUG'] === '1') process.stderr.write(`${String((error as Error).stack)}\n`);
    return failureOf(error).code === 'slim/differs' ? exitCode.differs : exitCode.unusable;
  }
}

void main().then((code) => process.exit(code));

import type { OptionSpec } from './args.ts';
import { usageOf, type Command } from './command.ts';
import { mostThreads } from './threads.ts';

/** What is done to the weights: the same for every command that takes a recipe. */
export const recipeOptions = [
  { name: 'preset', value: 'NAME', help: 'as-is, deep-compression (default) or eie' },
  {
    name: 'prune',
    value: 'RULE',
    help: 'density=D, std=Q, threshold=T, global=D, nm=N:M, block=RxC:D, filters=D, columns=D or none',
  },
  { name: 'share', value: 'BITS', help: 'codebook: 5, 5:rate, k=24, 8:uniform-symmetric/rows=1, or none' },
  { name: 'index', value: 'BITS', help: 'bits of the relative index, best or none' },
  { name: 'lossless', value: null, help: 'neither prune nor share: code the stored weights' },
  {
    name: 'budget',
    value: 'SIZE',
    help: 'as 90kB or 30x: choose density and bits of each layer for it',
  },
  { name: 'recipe', value: 'FILE', help: 'rules from a YAML or JSON file; they beat the options' },
] as const satisfies readonly OptionSpec[];

export const threadsOption = {
  name: 'threads',
  value: 'N',
  help: `worker threads, 1 to ${mostThreads.toString()}`,
} as const satisfies OptionSpec;

/** Of every command, and of none. */
export const commonOptions = [
  { name: 'help', value: null, help: 'show this' },
  { name: 'version', value: null, help: 'show the version' },
] as const satisfies readonly OptionSpec[];

/** Every option that some command has, by its name. */
export const optionsOf = (commands: readonly Command[]): readonly OptionSpec[] => [
  ...new Map(
    [...commands.flatMap(({ options }) => options), ...commonOptions].map((spec) => [spec.name, spec]),
  ).values(),
];

const line = (left: string, right: string, width: number): string => `  ${left.padEnd(width)}  ${right}`;
const optionLine = ({ name, value, help }: OptionSpec): string =>
  line(`--${name}${value === null ? '' : ` ${value}`}`, help, 19);

/** The help of one command: what it takes, and its options. */
export function commandHelp(command: Command): string {
  return `${usageOf(command)}

${command.does[0]!.toUpperCase()}${command.does.slice(1)}.

Options:
${[...command.options, ...commonOptions].map(optionLine).join('\n')}

slimscope --help lists all commands.
`;
}

/** The help: what each command takes, the options of a recipe once, and what commands have besides. */
export function helpText(commands: readonly Command[]): string {
  const recipeNames: readonly string[] = recipeOptions.map(({ name }) => name);
  const isRecipe = ({ name }: OptionSpec): boolean => recipeNames.includes(name);
  const width = Math.max(...commands.map((command) => usageOf(command).length));
  const blocks = new Map([
    [recipeOptions.map(optionLine).join('\n'), commands.filter(({ options }) => options.some(isRecipe))],
  ]);
  for (const command of commands) {
    const lines = command.options.filter((option) => !isRecipe(option)).map(optionLine);
    const block = lines.join('\n');
    blocks.set(block, [...(blocks.get(block) ?? []), command]);
  }
  const texts = Array.from(
    blocks,
    ([block, of]) => `Options of ${of.map(({ name }) => name).join(', ')}:\n${block}`,
  );
  return `slimscope: how small a neural network's weights can get

${commands.map((command) => line(usageOf(command), command.does, width)).join('\n')}

MODEL is an ONNX file or a .slim; it is only read, and nothing in it is run.

${texts.join('\n\n')}

All commands:
${commonOptions.map(optionLine).join('\n')}

Exit codes: 0 done, 1 what was written read back differently, 2 the input or the call is unusable, 130 interrupted.
`;
}

import { mostThreads } from './threads.ts';
import type { OptionSpec } from './args.ts';

/** The options of `analyze`; the help is written from this table. */
export const analyzeOptions = [
  { name: 'preset', value: 'NAME', help: 'as-is, deep-compression (default) or eie' },
  { name: 'prune', value: 'RULE', help: 'density=D, std=Q, threshold=T or none, for all layers' },
  { name: 'share', value: 'BITS', help: 'bits of the codebook, 5 or 5:optimal, or none' },
  { name: 'index', value: 'BITS', help: 'bits of the relative index, best or none' },
  { name: 'lossless', value: null, help: 'neither prune nor share: code the stored weights' },
  { name: 'recipe', value: 'FILE', help: 'rules from a YAML or JSON file; they beat the options' },
  { name: 'format', value: 'NAME', help: 'text (default), json, csv, md or html' },
  { name: 'out', value: 'FILE', help: 'write there instead of standard output' },
  { name: 'threads', value: 'N', help: `worker threads, 1 to ${mostThreads.toString()}` },
  { name: 'help', value: null, help: 'show this' },
  { name: 'version', value: null, help: 'show the version' },
] as const satisfies readonly OptionSpec[];

/** The commands that there are. */
export const commands = ['analyze'] as const;

export const usage = 'slimscope analyze MODEL [options]';

export const helpText = (): string => `slimscope: how small a neural network's weights can get

Usage: ${usage}

  MODEL                 an ONNX file; it is only read, and nothing in it is run

Options:
${analyzeOptions.map(({ name, value, help }) => `  ${`--${name}${value === null ? '' : ` ${value}`}`.padEnd(20)}  ${help}`).join('\n')}

Exit codes: 0 done, 2 the input or the call is unusable, 130 interrupted.
`;

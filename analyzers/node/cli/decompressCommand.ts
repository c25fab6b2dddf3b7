import { presets } from '../../report/presets.ts';
import type { Command } from './command.ts';
import { runWriting, writeOptions } from './writing.ts';

export const decompressCommand: Command = {
  name: 'decompress',
  takes: 'FILE.slim --out MODEL.onnx',
  does: 'the model out of a container',
  options: writeOptions,
  // What was done to the weights is in the container; a recipe would find nothing to do.
  run: (args, signal) =>
    runWriting(
      decompressCommand,
      args,
      {
        what: 'decompress',
        slim: false,
        doing: 'decompressing',
        recipe: () => Promise.resolve(presets['as-is']),
      },
      signal,
    ),
};

import type { Command } from './command.ts';
import { recipeOptions } from './options.ts';
import { recipeOf } from './recipe.ts';
import { runWriting, writeOptions } from './writing.ts';

export const compressCommand: Command = {
  name: 'compress',
  takes: 'MODEL --out FILE.slim',
  does: 'the model as a container, read back before it gets its name',
  options: [...recipeOptions, ...writeOptions],
  run: (args, signal) =>
    runWriting(
      compressCommand,
      args,
      { what: 'compress', slim: true, doing: 'compressing', recipe: () => recipeOf(args) },
      signal,
    ),
};

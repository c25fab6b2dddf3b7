import type { Command } from './command.ts';
import { recipeOptions } from './options.ts';
import { recipeOf } from './recipe.ts';
import { runWriting, writeOptions } from './writing.ts';

export const exportCommand: Command = {
  name: 'export',
  takes: 'MODEL --out MODEL.onnx',
  does: 'the model with pruned and shared weights in place',
  options: [
    ...recipeOptions,
    ...writeOptions,
    {
      name: 'remove-dead-units',
      value: null,
      help: 'leave out what no weight reaches or leaves: the graph shrinks',
    },
  ],
  run: (args, signal) =>
    runWriting(
      exportCommand,
      args,
      { what: 'export', slim: false, doing: 'exporting', recipe: () => recipeOf(args) },
      signal,
    ),
};

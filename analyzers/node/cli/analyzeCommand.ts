import path from 'node:path';
import { plain } from '../../report/clean.ts';
import { countText, counted } from '../../report/units.ts';
import type { ParsedArgs } from './args.ts';
import type { Command } from './command.ts';
import { formatOf, formats } from './formats.ts';
import { recipeOptions, threadsOption } from './options.ts';
import { checkOut, writeOut } from './outFile.ts';
import { recipeOf } from './recipe.ts';
import { columnsOf, print, progressLine, wantsColor } from './terminal.ts';
import { modelOf, poolOf, threadsOf } from './call.ts';

export const analyzeCommand: Command = {
  name: 'analyze',
  takes: 'MODEL',
  does: 'the report',
  options: [
    ...recipeOptions,
    { name: 'format', value: 'NAME', help: 'text (default), json, csv, md or html' },
    { name: 'out', value: 'FILE', help: 'write there instead of standard output' },
    threadsOption,
  ],
  run: analyze,
};

/** MODEL in, report out. Everything about the call is checked before the model is opened. */
async function analyze(args: ParsedArgs, signal: AbortSignal): Promise<void> {
  const model = modelOf(args, analyzeCommand);
  const out = args.values.get('out');
  if (out !== undefined) await checkOut(out, [model]);
  const format = formatOf(args.values.get('format'), out);
  const threads = threadsOf(args.values.get('threads'));
  const recipe = await recipeOf(args);

  const name = plain(path.basename(model));
  const progress = progressLine(process.stderr);
  progress.show(`${name}: opening`);
  const pool = poolOf(threads);
  try {
    const { report, opened } = await pool.analyze({ kind: 'file', path: path.resolve(model) }, recipe, {
      signal,
      progress: (step) => {
        if (step.kind === 'opened') progress.show(`${name}: ${counted(step.layers.length, 'layer')}`);
        else {
          const what = step.kind === 'layer' ? '' : ' looked at';
          progress.show(`${name}: ${countText(step.done)} of ${counted(step.of, 'layer')}${what}`);
        }
      },
    });
    progress.clear();
    const sheet = {
      color: out === undefined && wantsColor(process.stdout),
      width: columnsOf(process.stdout),
    };
    const text = formats[format](report, sheet);
    if (out === undefined) await print(process.stdout, text);
    else {
      const files = opened.sources.flatMap((source) => (source.kind === 'file' ? [source.path] : []));
      await writeOut(out, text, [model, ...files]);
    }
  } finally {
    progress.clear();
    await pool.close();
  }
}

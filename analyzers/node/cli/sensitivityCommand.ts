import path from 'node:path';
import { plain } from '../../report/clean.ts';
import { countText, counted } from '../../report/units.ts';
import {
  sensitivityCsv,
  sensitivityJson,
  sensitivityMarkdown,
  sensitivityText,
  type SensitivitySheet,
} from '../../report/sensitivitySheet.ts';
import type { ParsedArgs } from './args.ts';
import { modelOf, poolOf, threadsOf } from './call.ts';
import type { Command } from './command.ts';
import { formatFrom, type Sheet } from './formats.ts';
import { recipeOptions, threadsOption } from './options.ts';
import { checkOut, writeOut } from './outFile.ts';
import { recipeOf } from './recipe.ts';
import { columnsOf, print, progressLine, wantsColor } from './terminal.ts';

export const sensitivityCommand: Command = {
  name: 'sensitivity',
  takes: 'MODEL',
  does: 'what each layer loses with density and with bits, from its weights alone',
  options: [
    ...recipeOptions,
    { name: 'format', value: 'NAME', help: 'text (default), json, csv or md' },
    { name: 'out', value: 'FILE', help: 'write there instead of standard output' },
    threadsOption,
  ],
  run: sensitivity,
};

const formats = {
  text: (told: SensitivitySheet, sheet: Sheet): string => sensitivityText(told, sheet),
  json: sensitivityJson,
  csv: sensitivityCsv,
  md: sensitivityMarkdown,
} as const;

/** Everything about the call is checked before the model is opened. */
async function sensitivity(args: ParsedArgs, signal: AbortSignal): Promise<void> {
  const model = modelOf(args, sensitivityCommand);
  const out = args.values.get('out');
  if (out !== undefined) await checkOut(out, [model]);
  const format = formatFrom(formats, args.values.get('format'), out);
  const threads = threadsOf(args.values.get('threads'));
  const recipe = await recipeOf(args);
  const name = plain(path.basename(model));
  const progress = progressLine(process.stderr);
  progress.show(`${name}: opening`);
  const pool = poolOf(threads);
  const source = { kind: 'file', path: path.resolve(model) } as const;
  try {
    const analysed = await pool.analyze(source, recipe, { signal });
    const of = analysed.report.layers.length;
    const layers = await pool.sensitivities(source, analysed, {
      signal,
      progress: (share) => {
        progress.show(`${name}: curves of ${countText(Math.round(share * of))} of ${counted(of, 'layer')}`);
      },
    });
    progress.clear();
    const text = formats[format](
      { report: analysed.report, layers },
      { color: out === undefined && wantsColor(process.stdout), width: columnsOf(process.stdout) },
    );
    if (out === undefined) await print(process.stdout, text);
    else {
      const files = analysed.opened.sources.flatMap((one) => (one.kind === 'file' ? [one.path] : []));
      await writeOut(out, text, [model, ...files]);
    }
  } finally {
    progress.clear();
    await pool.close();
  }
}

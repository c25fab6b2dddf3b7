import { availableParallelism } from 'node:os';
import path from 'node:path';
import { plain } from '../../report/clean.ts';
import { Pool } from '../../run/pool.ts';
import { spawnWorker } from '../spawn.ts';
import type { ParsedArgs } from './args.ts';
import { UsageError } from './exitCode.ts';
import { formatOf, formats } from './formats.ts';
import { usage } from './options.ts';
import { checkOut, writeOut } from './outFile.ts';
import { recipeOf } from './recipe.ts';
import { columnsOf, print, progressLine, wantsColor } from './terminal.ts';
import { defaultThreads, mostThreads } from './threads.ts';

/** The built worker lies beside the built command line. */
const workerFile = path.join(__dirname, 'worker.cjs');

/** MODEL in, report out. Everything about the call is checked before the model is opened. */
export async function analyzeCommand(args: ParsedArgs, signal: AbortSignal): Promise<void> {
  const model = modelOf(args);
  const out = args.values.get('out');
  const format = formatOf(args.values.get('format'), out);
  const threads = threadsOf(args.values.get('threads'));
  const recipe = await recipeOf(args);
  if (out !== undefined) await checkOut(out, [model]);

  const name = plain(path.basename(model));
  const progress = progressLine(process.stderr);
  progress.show(`${name}: opening`);
  const pool = new Pool(() => spawnWorker(workerFile), threads);
  try {
    const { report, opened } = await pool.analyze({ kind: 'file', path: path.resolve(model) }, recipe, {
      signal,
      progress: (step) => {
        if (step.kind === 'opened') progress.show(`${name}: ${step.layers.length.toString()} layers`);
        else {
          const what = step.kind === 'layer' ? 'layers' : 'layers looked at';
          progress.show(`${name}: ${step.done.toString()} of ${step.of.toString()} ${what}`);
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

function modelOf({ positional }: ParsedArgs): string {
  const [model, ...more] = positional;
  if (model === undefined) throw new UsageError(`no model is given; ${usage}`);
  if (more.length > 0)
    throw new UsageError(
      `one model at a time, ${positional.length.toString()} are given; put a name with spaces in quotes`,
    );
  return model;
}

function threadsOf(text: string | undefined): number {
  if (text === undefined) return defaultThreads(availableParallelism());
  const threads = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (threads < 1 || threads > mostThreads)
    throw new UsageError(`--threads takes a number from 1 to ${mostThreads.toString()}`);
  return threads;
}

import path from 'node:path';
import { lstat } from 'node:fs/promises';
import { plain, plainMessage } from '../../report/clean.ts';
import type { Recipe } from '../../report/recipe.ts';
import { counted, countText, factorText } from '../../report/units.ts';
import type { WriteJob, Written } from '../../rpc/contracts.ts';
import { writeFiles } from '../writeFiles.ts';
import { quoted, type OptionSpec, type ParsedArgs } from './args.ts';
import { modelOf, poolOf, threadsOf } from './call.ts';
import { usageOf, type Command } from './command.ts';
import { UsageError } from './exitCode.ts';
import { threadsOption } from './options.ts';
import { checkOut } from './outFile.ts';
import { print, progressLine } from './terminal.ts';

// What the commands that write a model have in common.

export const writeOptions = [
  { name: 'out', value: 'FILE', help: 'where to write; it is needed' },
  { name: 'force', value: null, help: 'replace FILE when it is there; no other file is ever replaced' },
  { name: 'format', value: 'NAME', help: 'of what is printed: text (default) or json' },
  threadsOption,
] as const satisfies readonly OptionSpec[];

const formats: readonly string[] = ['text', 'json'];

/** Everything about the call is checked before the model is opened; the recipe is asked for when the rest is right. */
export async function runWriting(
  command: Pick<Command, 'name' | 'takes'>,
  args: ParsedArgs,
  order: {
    readonly what: WriteJob['what'];
    /** '.slim' is what the output must end with, or must not. */
    readonly slim: boolean;
    readonly recipe: () => Promise<Recipe>;
    /** 'compressing' */
    readonly doing: string;
  },
  signal: AbortSignal,
): Promise<void> {
  const model = modelOf(args, command);
  const out = args.values.get('out');
  if (out === undefined) throw new UsageError(`--out is needed: ${usageOf(command)}`);
  const format = args.values.get('format') ?? 'text';
  if (!formats.includes(format))
    throw new UsageError(`${command.name} prints text or json, not ${quoted(format)}`);
  const threads = threadsOf(args.values.get('threads'));
  const overwrite = args.flags.has('force');
  if (out.toLowerCase().endsWith('.slim') !== order.slim)
    throw new UsageError(
      order.slim
        ? `${quoted(out)} needs a name that ends with .slim`
        : `${quoted(out)} will be a model, not a container: give it a name that ends with .onnx`,
    );
  const recipe = await order.recipe();
  await checkOut(out, [model]);
  if (!overwrite && (await isThere(out)))
    throw new UsageError(`${quoted(out)} is there already; --force replaces it`);

  const name = plain(path.basename(model));
  const progress = progressLine(process.stderr);
  progress.show(`${name}: ${order.doing}`);
  const pool = poolOf(threads);
  try {
    const written = await writeFiles(
      pool,
      { kind: 'file', path: path.resolve(model) },
      recipe,
      {
        what: order.what,
        out: path.resolve(out),
        overwrite,
        removeDeadUnits: args.flags.has('remove-dead-units'),
      },
      {
        signal,
        progress: (share) =>
          progress.show(`${name}: ${order.doing}, ${Math.floor(100 * share).toString()} %`),
      },
    );
    progress.clear();
    for (const note of written.notes) await print(process.stderr, `slimscope: note: ${plainMessage(note)}\n`);
    await print(
      process.stdout,
      format === 'json' ? `${JSON.stringify(written, null, 2)}\n` : textOf(written, order.slim),
    );
  } finally {
    progress.clear();
    await pool.close();
  }
}

/** 'lenet.slim: 165 152 of 1 725 079 bytes (10.4x)', or out of how many; then each further file. */
function textOf({ files, bytes, modelBytes }: Written, slim: boolean): string {
  const [first, ...others] = files;
  const more = others.map((file) => `${plain(file.name)}: ${counted(file.bytes, 'byte')}`);
  const all = others.length > 0 ? ` and ${countText(others.length)} more` : '';
  const size = slim
    ? `${countText(bytes)} of ${countText(modelBytes)} bytes (${factorText(modelBytes / bytes)})`
    : `${countText(bytes)} bytes out of ${countText(modelBytes)}`;
  return `${[`${plain(first?.name ?? '')}${all}: ${size}`, ...more].join('\n')}\n`;
}

const isThere = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );

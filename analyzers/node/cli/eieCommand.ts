import path from 'node:path';
import { coverageOf, type Coverage } from '../../report/amdahl.ts';
import { plain } from '../../report/clean.ts';
import { eieCsv, eieJson, eieMarkdown, eieText, type EieSheet } from '../../report/eieSheet.ts';
import { benchmarkCsv, benchmarkJson, benchmarkMarkdown, benchmarkText } from '../../report/eieBenchmark.ts';
import type { EieTold } from '../../run/eieLayers.ts';
import { benchmarkRows, studySynthetic } from '../../run/eieSynthetic.ts';
import { tool } from '../../run/version.ts';
import { openVectors } from '../vectorFile.ts';
import type { ParsedArgs } from './args.ts';
import { modelOf, poolOf, threadsOf } from './call.ts';
import type { Command } from './command.ts';
import { chosenLayers, type AskedActivations } from './eieChoice.ts';
import { axesOf, machineOf, machineOptions, numbersOf, seedField, syntheticOf } from './eieMachine.ts';
import { energyOf } from './energyFile.ts';
import { UsageError } from './exitCode.ts';
import { formatFrom, type Sheet } from './formats.ts';
import { recipeOptions, threadsOption } from './options.ts';
import { checkOut, writeOut } from './outFile.ts';
import { recipeOf } from './recipe.ts';
import { columnsOf, print, progressLine, wantsColor } from './terminal.ts';

export const eieCommand: Command = {
  name: 'eie',
  takes: 'MODEL',
  does: 'cycles and energy of the accelerator EIE on the kept weights',
  options: [
    ...recipeOptions,
    { name: 'layer', value: 'NAME', help: 'this layer alone' },
    {
      name: 'activations',
      value: 'FILE',
      help: 'a .npy or .npz of what the layer reads, or density=D,seed=N; all active without it',
    },
    ...machineOptions,
    { name: 'convolutions', value: null, help: 'project convolutions: a product for each output position' },
    { name: 'energy', value: 'FILE', help: 'a JSON table of energies in the place of the published ones' },
    {
      name: 'measure',
      value: null,
      help: 'measure dense against sparse, and decoding, on this machine; seconds a layer',
    },
    { name: 'sweep', value: 'AXIS', help: 'fifo, pes, width, index or code: every other such machine' },
    {
      name: 'synthetic',
      value: 'LAYER',
      help: 'no model: rows=4096,cols=9216,density=0.09,activation=0.351,seed=1',
    },
    { name: 'benchmark', value: null, help: 'no model: the nine layers of the paper, beside its times' },
    { name: 'format', value: 'NAME', help: 'text (default), json, csv or md' },
    { name: 'out', value: 'FILE', help: 'write there instead of standard output' },
    threadsOption,
  ],
  run: eie,
};

const formats = {
  text: (told: EieSheet, sheet: Sheet): string => eieText(told, sheet),
  json: eieJson,
  csv: eieCsv,
  md: eieMarkdown,
} as const;

const benchmarkFormats = {
  text: benchmarkText,
  json: benchmarkJson,
  csv: benchmarkCsv,
  md: benchmarkMarkdown,
} as const;

/** Lets a signal in between two pieces of work. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Everything about the call is checked before the model is opened. */
async function eie(args: ParsedArgs, signal: AbortSignal): Promise<void> {
  const { values, flags } = args;
  const out = values.get('out');
  const synthetic = values.get('synthetic');
  if (flags.has('benchmark')) {
    noModel(args, 'benchmark', [...machineOptions.map(({ name }) => name), 'sweep', 'synthetic', 'energy']);
    return benchmark(args, signal);
  }
  const machine = machineOf(values);
  const axes = axesOf(values);
  const format = formatFrom(formats, values.get('format'), out);
  const energy = await energyOf(values.get('energy'));
  const sheet = { color: out === undefined && wantsColor(process.stdout), width: columnsOf(process.stdout) };
  if (synthetic !== undefined) {
    noModel(args, 'synthetic', []);
    const layer = syntheticOf(synthetic, machine);
    if (out !== undefined) await checkOut(out, []);
    const study = await studySynthetic(
      layer,
      { machine, axes, ...(energy !== undefined && { energy }) },
      { signal, breathe },
    );
    const { name, rows, cols } = layer;
    const told: EieSheet = {
      tool,
      model: name,
      recipe: null,
      machine,
      coverage: null,
      layers: [{ index: 0, name: 'synthetic', op: 'dense', rows, cols, study, breakEven: null }],
    };
    return put(formats[format](told, sheet), out, []);
  }
  const model = modelOf(args, eieCommand);
  const threads = threadsOf(values.get('threads'));
  const recipe = await recipeOf(args);
  if (out !== undefined) await checkOut(out, [model]);
  const activations = await activationsOf(values.get('activations'), signal);
  const name = plain(path.basename(model));
  const progress = progressLine(process.stderr);
  progress.show(`${name}: opening`);
  const pool = poolOf(threads);
  try {
    const asked = {
      layer: values.get('layer') ?? null,
      machine,
      axes,
      activations,
      convolutions: flags.has('convolutions'),
      ...(energy !== undefined && { energy }),
    };
    const told = await pool.eie(
      { kind: 'file', path: path.resolve(model) },
      recipe,
      (layers) => chosenLayers(layers, asked),
      {
        signal,
        measure: flags.has('measure'),
        progress: (done, of) => progress.show(`${name}: ${done.toString()} of ${of.toString()} layers`),
      },
    );
    progress.clear();
    const text = formats[format](
      {
        tool,
        model: told.opened.summary.name,
        recipe: told.recipe,
        machine,
        coverage: asked.layer === null ? coverageTold(told) : null,
        layers: told.layers.map(({ layer, study, breakEven }) => {
          const { index, name: own, op, rows, cols } = layer;
          return { index, name: own, op, rows, cols, study, breakEven };
        }),
      },
      sheet,
    );
    const files = told.opened.sources.flatMap((source) => (source.kind === 'file' ? [source.path] : []));
    await put(text, out, [model, ...files]);
  } finally {
    progress.clear();
    await pool.close();
  }
}

/** Shares of the whole model that the layers with an estimate have. */
function coverageTold({ opened, layers }: EieTold): Coverage {
  const estimates = new Map(layers.map(({ layer, study }) => [layer.index, study.estimate]));
  return coverageOf(
    opened.layers.map(({ index, rows, cols, macs }) => ({
      weights: rows * cols,
      macs,
      eie: estimates.get(index) ?? null,
    })),
    true,
  );
}

async function benchmark({ values }: ParsedArgs, signal: AbortSignal): Promise<void> {
  const out = values.get('out');
  const format = formatFrom(benchmarkFormats, values.get('format'), out);
  if (out !== undefined) await checkOut(out, []);
  const progress = progressLine(process.stderr);
  try {
    const rows = await benchmarkRows(1, {
      signal,
      breathe,
      progress: (done, of) => progress.show(`${done.toString()} of ${of.toString()} layers`),
    });
    progress.clear();
    const text = benchmarkFormats[format](
      { tool, rows },
      { color: out === undefined && wantsColor(process.stdout), width: columnsOf(process.stdout) },
    );
    await put(text, out, []);
  } finally {
    progress.clear();
  }
}

const put = (text: string, out: string | undefined, inputs: readonly string[]): Promise<void> =>
  out === undefined ? print(process.stdout, text) : writeOut(out, text, inputs);

/** What a call without a model has nothing to do with. */
function noModel({ positional, values, flags }: ParsedArgs, option: string, also: readonly string[]): void {
  if (positional.length > 0) throw new UsageError(`--${option} takes no model; leave out one of them`);
  const meaningless = [
    ...recipeOptions.map(({ name }) => name),
    'layer',
    'activations',
    'convolutions',
    'measure',
    ...also,
  ];
  const given = meaningless.find((name) => values.has(name) || flags.has(name));
  if (given !== undefined) throw new UsageError(`--${given} means nothing with --${option}`);
}

const densityFields = { density: { least: 0, most: 1, whole: false }, seed: seedField } as const;

async function activationsOf(text: string | undefined, signal: AbortSignal): Promise<AskedActivations> {
  if (text === undefined) return { kind: 'all-active' };
  if (text.startsWith('density=')) {
    const { density = 1, seed = 1 } = numbersOf('activations', text, densityFields);
    return { kind: 'density', density, seed };
  }
  return { kind: 'file', file: text, vectors: await openVectors(text, signal) };
}

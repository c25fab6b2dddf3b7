import { readFile, stat } from 'node:fs/promises';
import { presetNames, presets } from '../../report/presets.ts';
import type { Recipe } from '../../report/recipe.ts';
import { withOptions } from '../../report/recipeEdit.ts';
import { parseRecipe } from '../../report/recipeFile.ts';
import { quoted, type ParsedArgs } from './args.ts';
import { UsageError } from './exitCode.ts';
import { nearest } from './suggest.ts';

/** Bytes of a recipe file; ten thousand rules take about one million. */
const mostRecipeBytes = 4 * 1024 * 1024;

/** Preset, then the options for all layers, then the rules of the file. Throws UsageError or RecipeError. */
export async function recipeOf({ values, flags }: ParsedArgs): Promise<Recipe> {
  const preset = presetOf(values.get('preset'));
  const file = values.get('recipe');
  const base = file === undefined ? presets[preset] : parseRecipe(await textOf(file), file, preset);
  const [prune, share, index, budget] = ['prune', 'share', 'index', 'budget'].map((key) => values.get(key));
  if (flags.has('lossless') && [prune, share].some((rule) => rule !== undefined && rule !== 'none'))
    throw new UsageError('--lossless neither prunes nor shares: leave it out, or --prune and --share');
  return withOptions(base, {
    ...(prune !== undefined && { prune }),
    ...(share !== undefined && { share }),
    ...(index !== undefined && { index }),
    ...(budget !== undefined && { budget }),
    ...(flags.has('lossless') && { lossless: true }),
  });
}

function presetOf(name = 'deep-compression'): Recipe['preset'] {
  const preset = presetNames.find((known) => known === name);
  if (preset !== undefined) return preset;
  const near = nearest(name, presetNames);
  const hint = near === null ? `the presets are ${presetNames.join(', ')}` : `did you mean ${near}?`;
  throw new UsageError(`there is no preset ${quoted(name)}; ${hint}`);
}

async function textOf(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > mostRecipeBytes)
      throw new UsageError(`${quoted(file)} has ${size.toString()} bytes: that is no recipe`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new UsageError(
      missing ? `there is no recipe file ${quoted(file)}` : `the recipe ${quoted(file)} cannot be read`,
    );
  }
}

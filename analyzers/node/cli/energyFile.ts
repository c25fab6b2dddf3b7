import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { energyLimits, parseEnergyTable, type EnergyTable } from '../../report/energyTable.ts';
import { quoted } from './args.ts';
import { UsageError } from './exitCode.ts';

/** The table of --energy; undefined without one. Throws UsageError or EnergyError. */
export async function energyOf(file: string | undefined): Promise<EnergyTable | undefined> {
  return file === undefined ? undefined : parseEnergyTable(await textOf(file), path.basename(file));
}

async function textOf(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > energyLimits.bytes)
      throw new UsageError(`${quoted(file)} has ${size.toString()} bytes: that is no energy table`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new UsageError(
      missing
        ? `there is no energy table ${quoted(file)}`
        : `the energy table ${quoted(file)} cannot be read`,
    );
  }
}

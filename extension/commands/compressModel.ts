import * as vscode from 'vscode';
import { presets } from '../../analyzers/report/presets.ts';
import { isCancelled } from '../log.ts';
import type { Services } from '../services.ts';
import { modelWriter, type Asked } from '../writeModel.ts';
import { chooseModel } from './chooseModel.ts';

/** Writes the model that was clicked, or whose report is in front, as a container. */
export async function compressModel(services: Services, clicked?: unknown): Promise<void> {
  const uri =
    clicked instanceof vscode.Uri ? clicked : (services.sessions.active?.uri ?? (await chooseModel()));
  if (uri !== undefined) await writeOf(services, uri, { what: 'compress', removeDeadUnits: false });
}

/**
 * With the recipe of its open report, which tells of it too; without a report, with the recipe that one would begin
 * with, and without opening one.
 */
export async function writeOf(services: Services, uri: vscode.Uri, asked: Asked): Promise<void> {
  const signal = new AbortController().signal;
  const session = services.sessions.of(uri);
  try {
    if (session?.report !== undefined) {
      await session.writeModel(session.report.recipe, asked, { signal, progress: () => undefined });
      return;
    }
    const recipe = services.recipes.of(uri) ?? presets[services.settings().preset];
    await modelWriter(services)({
      uri,
      files: [uri],
      recipe,
      reuse: undefined,
      ...asked,
      signal,
      progress: () => undefined,
    });
  } catch (error) {
    // A session has told of its failure; a cancel needs no telling.
    if (session?.report === undefined && !isCancelled(error)) throw error;
  }
}

import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { plain } from '../../analyzers/report/clean.ts';
import { analyzeModel } from './analyzeModel.ts';

/** Asks which of the models that come with the extension, and opens its report. */
export async function openSample(services: Services): Promise<void> {
  const folder = vscode.Uri.joinPath(services.extensionUri, 'samples');
  const entries = await vscode.workspace.fs.readDirectory(folder);
  const names = entries.map(([name]) => name).filter((name) => name.endsWith('.onnx'));
  const name = await vscode.window.showQuickPick(names.map((file) => plain(file)).toSorted(), {
    placeHolder: 'Choose a sample (small models with synthetic weights)',
  });
  if (name !== undefined) await analyzeModel(services, vscode.Uri.joinPath(folder, name));
}

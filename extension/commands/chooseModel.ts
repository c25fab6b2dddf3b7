import * as vscode from 'vscode';
import { nameOf } from '../sources.ts';
import { plain } from '../../analyzers/report/clean.ts';

/** Models listed in the quick pick; more are found by the dialog. */
const mostListed = 500;

interface Choice extends vscode.QuickPickItem {
  readonly uri?: vscode.Uri;
}

/** Asks which model of the workspace, or elsewhere; undefined when the user thought better of it. */
export async function chooseModel(): Promise<vscode.Uri | undefined> {
  const browse: Choice = { label: '$(folder-opened) Choose a file…', alwaysShow: true };
  const listed = findModels().then((models) => [...models, browse]);
  const choice = await vscode.window.showQuickPick<Choice>(listed, {
    placeHolder: 'Choose a model to analyze',
    matchOnDescription: true,
  });
  if (choice === undefined) return undefined;
  if (choice.uri !== undefined) return choice.uri;
  const chosen = await vscode.window.showOpenDialog({
    title: 'Choose a model to analyze',
    openLabel: 'Analyze',
    filters: { Models: ['onnx', 'slim'] },
  });
  return chosen?.[0];
}

async function findModels(): Promise<Choice[]> {
  const found = await vscode.workspace.findFiles('**/*.{onnx,slim}', '**/node_modules/**', mostListed);
  return found
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map((uri) => ({
      label: plain(nameOf(uri)),
      description: plain(vscode.workspace.asRelativePath(vscode.Uri.joinPath(uri, '..'))),
      uri,
    }));
}

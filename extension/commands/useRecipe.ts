import * as vscode from 'vscode';
import { plain } from '../../analyzers/report/clean.ts';
import { parseRecipe } from '../../analyzers/report/recipeFile.ts';
import type { Services } from '../services.ts';
import { nameOf } from '../sources.ts';
import { needReport } from './needReport.ts';

/** Recipe files listed in the quick pick; more are found by the dialog. */
const mostListed = 100;
/** Largest recipe file that is opened: bytes. */
const mostBytes = 1_000_000;

interface Choice extends vscode.QuickPickItem {
  readonly uri?: vscode.Uri;
}

/** Asks for a recipe file of the workspace, or elsewhere, and runs the report in front with it. */
export async function useRecipe(services: Services): Promise<void> {
  const session = needReport(services);
  if (session === undefined) return;
  const file = await chooseRecipe();
  if (file === undefined) return;
  const { size } = await vscode.workspace.fs.stat(file);
  if (size > mostBytes) throw new Error(`${nameOf(file)} is larger than a recipe can be (1 MB).`);
  const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  await session.useRecipe(parseRecipe(text, nameOf(file)));
}

async function chooseRecipe(): Promise<vscode.Uri | undefined> {
  const browse: Choice = { label: '$(folder-opened) Choose a file…', alwaysShow: true };
  const found = await vscode.workspace.findFiles(
    '**/*.slimscope.{yaml,yml,json}',
    '**/node_modules/**',
    mostListed,
  );
  const listed = found.map((uri): Choice => ({
    label: plain(nameOf(uri)),
    description: plain(vscode.workspace.asRelativePath(vscode.Uri.joinPath(uri, '..'))),
    uri,
  }));
  const choice = await vscode.window.showQuickPick<Choice>([...listed, browse], {
    placeHolder: 'Choose a recipe for this report',
  });
  if (choice === undefined || choice.uri !== undefined) return choice?.uri;
  const chosen = await vscode.window.showOpenDialog({
    title: 'Choose a recipe for this report',
    openLabel: 'Use',
    filters: { Recipes: ['yaml', 'yml', 'json'] },
  });
  return chosen?.[0];
}

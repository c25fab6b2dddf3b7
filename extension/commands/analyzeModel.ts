import * as vscode from 'vscode';
import { viewType } from '../editor/modelEditor.ts';
import type { Services } from '../services.ts';
import { chooseModel } from './chooseModel.ts';

/** Opens the report of the model that was clicked, that is in front, or that the user chooses; runs again when there was none. */
export async function analyzeModel(services: Services, clicked?: unknown): Promise<void> {
  const uri = clicked instanceof vscode.Uri ? clicked : (modelInFront() ?? (await chooseModel()));
  if (uri === undefined) return;
  const open = services.sessions.of(uri);
  if (open !== undefined) {
    open.panel.reveal();
    // Failed, cancelled, or changed on disk since: to ask again is to ask for figures of the file as it is now.
    if (!open.running && (open.report === undefined || open.outdated)) open.rerun();
    return;
  }
  await vscode.commands.executeCommand('vscode.openWith', uri, viewType);
}

/** The model of the tab in front, opened as its report, as text or as bytes. */
function modelInFront(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (!(input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom)) return undefined;
  return /\.(onnx|slim)$/i.test(input.uri.path) ? input.uri : undefined;
}

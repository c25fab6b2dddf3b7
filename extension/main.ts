import type * as vscode from 'vscode';
import { registerCommands } from './commands/index.ts';
import { registerModelEditor } from './editor/modelEditor.ts';
import { createServices } from './services.ts';
import { createStatus } from './status.ts';
import { registerLayersTree } from './tree/layersTree.ts';

/** Builds the services and registers the tables; the status bar item comes last and says that all is in place. */
export function activate(context: vscode.ExtensionContext): void {
  const services = createServices(context);
  context.subscriptions.push(
    registerModelEditor(services),
    registerLayersTree(services),
    registerCommands(services),
    createStatus(services.activity),
  );
}

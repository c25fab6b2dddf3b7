import * as vscode from 'vscode';
import type { Services } from '../services.ts';

/** The editor for bytes, when it is installed. */
const hexExtension = 'ms-vscode.hexeditor';
const hexViewType = 'hexEditor.hexedit';

/** Opens the model as bytes or text, or the page that explains a problem code. */
export async function openAs(
  services: Services,
  uri: vscode.Uri,
  what: 'hex' | 'text' | 'problems',
  code: string | null,
): Promise<void> {
  if (what === 'text') {
    await vscode.commands.executeCommand('vscode.openWith', uri, 'default', vscode.ViewColumn.Beside);
    return;
  }
  if (what === 'hex') {
    if (vscode.extensions.getExtension(hexExtension) === undefined) {
      await offerHexEditor();
      return;
    }
    await vscode.commands.executeCommand('vscode.openWith', uri, hexViewType, vscode.ViewColumn.Beside);
    return;
  }
  const page = vscode.Uri.joinPath(services.extensionUri, 'docs', 'problems.md');
  // Headings of that page are the codes; a heading's anchor drops everything but letters, digits, '-' and '_'.
  const fragment = code === null ? '' : code.toLowerCase().replaceAll(/[^a-z0-9_-]/g, '');
  await vscode.commands.executeCommand('markdown.showPreview', page.with({ fragment }));
}

/** Not installed is no failure: the user is told where it is to be had. */
async function offerHexEditor(): Promise<void> {
  const show = 'Show Extension';
  const choice = await vscode.window.showInformationMessage('Hex Editor is not installed.', show);
  if (choice === show)
    await vscode.commands.executeCommand('workbench.extensions.search', `@id:${hexExtension}`);
}

import * as fs from 'node:fs/promises';
import * as vscode from 'vscode';
import type { ExportFormat } from '../analyzers/rpc/contracts.ts';
import { reportCsv } from '../analyzers/report/csv.ts';
import { reportHtml } from '../analyzers/report/html.ts';
import { reportJson } from '../analyzers/report/json.ts';
import { reportMarkdown } from '../analyzers/report/markdown.ts';
import type { Report } from '../analyzers/report/report.ts';

interface ExportKind {
  readonly label: string;
  readonly detail: string;
  readonly text: (report: Report) => string;
}

/** What a report can be written as; the key is the file's ending. */
export const exportKinds: Readonly<Record<ExportFormat, ExportKind>> = {
  json: {
    label: 'JSON',
    detail: 'The whole report, as documented in docs/report-schema.md',
    text: reportJson,
  },
  csv: { label: 'CSV', detail: 'One line a layer, for a spreadsheet', text: reportCsv },
  md: { label: 'Markdown', detail: 'Sizes and layers as tables, for a pull request', text: reportMarkdown },
  html: { label: 'HTML', detail: 'One file that needs no other, for reading', text: reportHtml },
};

export const theModelItself = 'That is the model itself. Choose another name: models are never overwritten.';

const canonical = async (uri: vscode.Uri): Promise<string> => {
  if (uri.scheme !== 'file') return uri.toString();
  try {
    return await fs.realpath(uri.fsPath);
  } catch {
    return uri.fsPath;
  }
};

/** True when `target` is one of `files`, links and spelling of the path seen through. */
export async function isOneOf(target: vscode.Uri, files: readonly vscode.Uri[]): Promise<boolean> {
  const wanted = await canonical(target);
  const taken = await Promise.all(files.map(canonical));
  return taken.includes(wanted);
}

/**
 * Writes beside the target and renames, so that a failed write leaves what was there.
 * Refuses a target that is one of `keep`: the model's own files.
 */
async function writeText(target: vscode.Uri, text: string, keep: readonly vscode.Uri[]): Promise<void> {
  if (await isOneOf(target, keep)) throw new Error(theModelItself);
  const name = target.path.slice(target.path.lastIndexOf('/') + 1);
  const mark = Math.random().toString(36).slice(2, 10);
  const part = vscode.Uri.joinPath(target, '..', `.${name}.${mark}.part`);
  try {
    await vscode.workspace.fs.writeFile(part, new TextEncoder().encode(text));
    await vscode.workspace.fs.rename(part, target, { overwrite: true });
  } catch (error) {
    await Promise.resolve(vscode.workspace.fs.delete(part)).catch(() => undefined);
    throw error;
  }
}

/** 'lenet.onnx' -> 'lenet.report.json' in the same folder, or in the workspace when that place cannot be written. */
export function besides(model: vscode.Uri, ending: string): vscode.Uri | undefined {
  const path = model.path.replace(/\.[^./]*$/, '') + ending;
  if (vscode.workspace.fs.isWritableFileSystem(model.scheme) === true) return model.with({ path });
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return folder && vscode.Uri.joinPath(folder, path.slice(path.lastIndexOf('/') + 1));
}

/** Asks for a place beside the model and writes there; false when the user thought better of it. */
export async function saveBeside(options: {
  model: vscode.Uri;
  files: readonly vscode.Uri[];
  ending: string;
  title: string;
  filters: Record<string, string[]>;
  text: () => string;
}): Promise<boolean> {
  const target = await vscode.window.showSaveDialog({
    title: options.title,
    defaultUri: besides(options.model, options.ending),
    filters: options.filters,
  });
  if (target === undefined) return false;
  await writeText(target, options.text(), options.files);
  const name = target.path.slice(target.path.lastIndexOf('/') + 1);
  void vscode.window.showInformationMessage(`Saved ${name}.`, 'Open').then((choice) => {
    if (choice === 'Open') return vscode.commands.executeCommand('vscode.open', target);
    return undefined;
  });
  return true;
}

import * as vscode from 'vscode';
import { plain, plainMessage } from '../analyzers/report/clean.ts';
import type { Recipe } from '../analyzers/report/recipe.ts';
import { writtenText } from '../analyzers/report/written.ts';
import type { Written } from '../analyzers/rpc/contracts.ts';
import type { Analysed } from '../analyzers/run/known.ts';
import { besides, isOneOf, theModelItself } from './exportFile.ts';
import type { Services } from './services.ts';
import { nameOf } from './sources.ts';

/** What is to be written of a model. */
export interface Asked {
  readonly what: 'compress' | 'export';
  readonly removeDeadUnits: boolean;
}

export interface ModelToWrite extends Asked {
  readonly uri: vscode.Uri;
  /** The model's own files, which are never written. */
  readonly files: readonly vscode.Uri[];
  readonly recipe: Recipe;
  /** A finished run that the recipe came from. */
  readonly reuse: Analysed | undefined;
  readonly signal: AbortSignal;
  readonly progress: (share: number) => void;
}

/** The container, the model with new weights, or the model out of a container. */
const kinds = {
  compress: {
    title: 'Compress the model',
    ending: '.slim',
    filters: () => ({ 'Compressed model': ['slim'] }),
    doing: 'Compressing',
  },
  export: {
    title: 'Export the model with pruned and shared weights',
    ending: '.slimmed.onnx',
    filters: () => ({ 'ONNX model': ['onnx'] }),
    doing: 'Exporting',
  },
  decompress: {
    title: 'Decompress the model',
    ending: '.decompressed.onnx',
    filters: () => ({ 'ONNX model': ['onnx'] }),
    doing: 'Decompressing',
  },
} as const;

/**
 * Asks for a place, writes there with progress that can be cancelled, and tells the size; null when the user thought
 * better of it. Only places on disk can be written: the file grows as the model is read.
 */
export const modelWriter =
  (services: Services) =>
  async (order: ModelToWrite): Promise<{ readonly written: Written; readonly target: vscode.Uri } | null> => {
    const { uri, files, recipe, reuse, signal, progress } = order;
    // What is already a container holds its recipe's weights: what can be had of it is the model.
    const what = order.what === 'export' && /\.slim$/i.test(uri.path) ? 'decompress' : order.what;
    const kind = kinds[what];
    const target = await vscode.window.showSaveDialog({
      title: kind.title,
      defaultUri: besides(uri, kind.ending),
      filters: kind.filters(),
    });
    if (target === undefined) return null;
    if (target.scheme !== 'file')
      throw new Error(`Models are written to disk only, and ${plain(target.scheme)}: is not on disk.`);
    if (await isOneOf(target, files)) throw new Error(theModelItself);
    const name = plain(nameOf(target));
    const written = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: `${kind.doing} to ${name}`,
        cancellable: true,
      },
      (bar, token) => {
        const stop = new AbortController();
        token.onCancellationRequested(() => stop.abort());
        let told = 0;
        return services.analysis.write(
          uri,
          recipe,
          // The dialog asked about this file. Those that come along never replace anything.
          { what, out: target.fsPath, overwrite: true, removeDeadUnits: order.removeDeadUnits },
          {
            signal: AbortSignal.any([signal, stop.signal]),
            reuse,
            progress: (share) => {
              const percent = Math.floor(100 * share);
              if (percent > told)
                bar.report({ increment: percent - told, message: `${percent.toString()} %` });
              told = Math.max(told, percent);
              progress(share);
            },
          },
        );
      },
    );
    tell(written, target);
    for (const note of written.notes) services.log.info(`${name}: ${plainMessage(note)}`);
    return { written, target };
  };

function tell(written: Written, target: vscode.Uri): void {
  const [show, open] = ['Reveal', 'Open'];
  void vscode.window.showInformationMessage(writtenText(written), show, open).then(async (choice) => {
    if (choice === show) await reveal(target);
    if (choice === open) await vscode.commands.executeCommand('vscode.open', target);
  });
}

/** In the explorer when it lies in the workspace, else in the system's own; where there is none, as an editor. */
export async function reveal(file: vscode.Uri): Promise<void> {
  if (vscode.workspace.getWorkspaceFolder(file) !== undefined)
    await vscode.commands.executeCommand('revealInExplorer', file);
  else if (vscode.env.uiKind === vscode.UIKind.Desktop)
    await vscode.commands.executeCommand('revealFileInOS', file);
  else await vscode.commands.executeCommand('vscode.open', file);
}

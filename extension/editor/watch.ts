import * as vscode from 'vscode';
import { stampText, type FileStamp } from '../cache.ts';
import { stampOf } from '../sources.ts';

export type FileChange = 'changed' | 'missing' | 'same';

/** A training run writes a file in pieces; it is looked at when it has been quiet for so long: milliseconds. */
const quietMs = 400;

const stampsOf = async (files: readonly vscode.Uri[]): Promise<ReadonlyMap<string, FileStamp | null>> =>
  new Map(await Promise.all(files.map(async (file) => [file.toString(), await stampOf(file)] as const)));

/** Size and time of every file of a model as one text. */
export const stampFiles = async (files: readonly vscode.Uri[]): Promise<string> =>
  stampText(await stampsOf(files));

/**
 * Tells when the files of a model are no longer what they were. The first file is the model itself: when it is
 * gone the change is 'missing'. Events of the file system only say "look"; what counts is size and time, so a
 * file that is touched and put back tells nothing. `look` is for moments without an event (the window comes back).
 */
export class ModelWatch implements vscode.Disposable {
  readonly #files: readonly vscode.Uri[];
  readonly #stamp: string;
  readonly #onChange: (change: FileChange) => void;
  readonly #watchers: vscode.Disposable[] = [];
  #timer: NodeJS.Timeout | undefined;
  #told: FileChange = 'same';
  #disposed = false;

  constructor(files: readonly vscode.Uri[], stamp: string, onChange: (change: FileChange) => void) {
    this.#files = files;
    this.#stamp = stamp;
    this.#onChange = onChange;
    for (const file of files) {
      const folder = vscode.Uri.joinPath(file, '..');
      const name = file.path.slice(file.path.lastIndexOf('/') + 1);
      // Brackets, braces and stars in a name are not a pattern.
      const pattern = new vscode.RelativePattern(folder, name.replaceAll(/[[\]{}*?]/g, '?'));
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      const soon = (): void => this.#soon();
      this.#watchers.push(
        watcher,
        watcher.onDidChange(soon),
        watcher.onDidCreate(soon),
        watcher.onDidDelete(soon),
      );
    }
  }

  #soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(), quietMs);
  }

  async look(): Promise<void> {
    const now = await stampsOf(this.#files);
    if (this.#disposed) return;
    const model = this.#files[0];
    const missing = model !== undefined && now.get(model.toString()) === null;
    const change = missing ? 'missing' : stampText(now) === this.#stamp ? 'same' : 'changed';
    if (change === this.#told) return;
    this.#told = change;
    this.#onChange(change);
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.dispose();
  }
}

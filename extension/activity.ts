import * as vscode from 'vscode';

/** One analysis that is going on. */
export interface ActiveRun {
  readonly uri: vscode.Uri;
  /** The model's name, fit to be shown. */
  readonly name: string;
  /** 'Analyzing' */
  readonly doing: string;
  readonly done: number;
  readonly of: number;
  readonly cancel: () => void;
}

export interface RunHandle {
  step(done: number, of: number): void;
  end(): void;
}

/** A run that lasts longer than this also shows a bar over the Layers view: milliseconds. */
const barAfterMs = 300;

/** What is being computed now: feeds the status bar item, the cancel command and the bar over the Layers view. */
export class Activity implements vscode.Disposable {
  readonly #runs = new Map<number, ActiveRun>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  #next = 0;

  /** The run that began last. */
  get current(): ActiveRun | undefined {
    return [...this.#runs.values()].at(-1);
  }

  /** `whole`: the run reads the whole file, so that it may take long. A rerun after a slider says nothing. */
  begin(uri: vscode.Uri, name: string, whole: boolean, cancel: () => void, doing = 'Analyzing'): RunHandle {
    const id = this.#next++;
    let finish: (() => void) | undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    // The page and the status bar tell how far it is, and cancel it; a notification would only say it again.
    const timer = setTimeout(() => {
      if (whole)
        void vscode.window.withProgress({ location: { viewId: 'slimscope.layers' } }, () => finished);
    }, barAfterMs);
    const set = (done: number, of: number): void => {
      const run: ActiveRun = { uri, name, doing, done, of, cancel };
      this.#runs.set(id, run);
      this.#changed.fire();
    };
    set(0, 0);
    this.#tellContext();
    return {
      step: set,
      end: () => {
        clearTimeout(timer);
        finish?.();
        this.#runs.delete(id);
        this.#tellContext();
        this.#changed.fire();
      },
    };
  }

  /** Cancels the runs of one model, or all of them. */
  cancel(uri?: vscode.Uri): void {
    for (const run of this.#runs.values()) {
      if (uri === undefined || run.uri.toString() === uri.toString()) run.cancel();
    }
  }

  isBusy(uri: vscode.Uri): boolean {
    return [...this.#runs.values()].some((run) => run.uri.toString() === uri.toString());
  }

  #tellContext(): void {
    void vscode.commands.executeCommand('setContext', 'slimscope.busy', this.#runs.size > 0);
  }

  dispose(): void {
    this.cancel();
    this.#changed.dispose();
  }
}

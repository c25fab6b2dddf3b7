import * as vscode from 'vscode';
import type { Session } from './session.ts';

/** The open reports. The active one is the one that was last in front, until it is closed. */
export class Sessions implements vscode.Disposable {
  readonly #open = new Set<Session>();
  readonly #changed = new vscode.EventEmitter<void>();
  /** The active report is another one, or has more to show. */
  readonly onDidChange = this.#changed.event;
  #active: Session | undefined;

  get active(): Session | undefined {
    return this.#active;
  }

  get all(): readonly Session[] {
    return [...this.#open];
  }

  of(uri: vscode.Uri): Session | undefined {
    const wanted = uri.toString();
    if (this.#active?.uri.toString() === wanted) return this.#active;
    return [...this.#open].findLast((session) => session.uri.toString() === wanted);
  }

  add(session: Session): void {
    this.#open.add(session);
    const { panel } = session;
    const attend = (): void => {
      if (!panel.active || this.#active === session) return;
      this.#active = session;
      this.#changed.fire();
    };
    const listeners = vscode.Disposable.from(
      panel.onDidChangeViewState(attend),
      session.onDidChange(() => {
        if (this.#active === session) this.#changed.fire();
      }),
    );
    panel.onDidDispose(() => {
      listeners.dispose();
      this.#open.delete(session);
      if (this.#active === session) this.#active = [...this.#open].at(-1);
      session.dispose();
      this.#changed.fire();
    });
    this.#active ??= session;
    attend();
    this.#changed.fire();
  }

  dispose(): void {
    for (const session of this.#open) session.dispose();
    this.#changed.dispose();
  }
}

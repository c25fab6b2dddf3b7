import type * as vscode from 'vscode';
import type { Recipe } from '../analyzers/report/recipe.ts';
import { isRecipe } from '../analyzers/rpc/guard.ts';

/** Models whose recipe is kept when their report is closed. */
const mostKept = 50;
const key = 'recipes';

/** What each report was last set to: closing a report or the window loses no slider. */
export class Recipes {
  readonly #memory: vscode.Memento;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  of(uri: vscode.Uri): Recipe | undefined {
    const recipe = this.#all().get(uri.toString());
    return isRecipe(recipe) ? recipe : undefined;
  }

  /** Null forgets: the next report starts from the settings. */
  keep(uri: vscode.Uri, recipe: Recipe | null): void {
    const all = this.#all();
    const had = all.delete(uri.toString());
    if (recipe === null && !had) return;
    if (recipe !== null) all.set(uri.toString(), recipe);
    void this.#memory.update(key, [...all].slice(-mostKept));
  }

  /** In the order in which they were kept. */
  #all(): Map<string, unknown> {
    const kept: unknown = this.#memory.get(key);
    const entries = Array.isArray(kept) ? kept : [];
    return new Map(entries.filter((entry): entry is [string, unknown] => Array.isArray(entry)));
  }
}

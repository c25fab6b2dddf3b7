/** A recipe or one of its rules that cannot be used. The message is one line: what, where, and what is allowed. */
export class RecipeError extends Error {
  override readonly name = 'RecipeError';
  /** Stable, as the codes of problems are. */
  readonly code = 'recipe/invalid';
  /** Place in the recipe file, from 1; undefined for a rule that came from elsewhere. */
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(message: string, place?: { readonly line: number; readonly column: number }) {
    super(message);
    this.line = place?.line;
    this.column = place?.column;
  }
}

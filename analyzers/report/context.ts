/** What a layer's figures need from the others: found before any of them is settled. */
export interface LayerContext {
  /** The threshold that each `global` rule comes to, by the rule's text. */
  readonly globals: Readonly<Record<string, number>>;
}

export const noContext: LayerContext = { globals: {} };

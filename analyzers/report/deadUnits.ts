/** Units of one layer that the mask leaves dead, followed through the graph in both directions. Counts are units. */
export interface LayerDead {
  /** Outputs that are 0 for every input; constant at another value, which what reads them takes over exactly. */
  readonly silent: number;
  readonly constant: number;
  /** Outputs that nothing reads. */
  readonly unread: number;
  /** Constant outputs that stay, since taking them out would not be exact; `reasons` says why. */
  readonly refused: number;
  readonly reasons: readonly string[];
  /** Largest change of an output of the next layer if the refused ones were folded all the same; null when none were, or it is not known. */
  readonly refusedError: number | null;
  /** Rows of this layer that go, and their bits as stored and coded. */
  readonly rows: { readonly count: number; readonly denseBits: number; readonly codedBits: number };
  /** Columns of the layers that read them. */
  readonly readers: readonly {
    readonly layer: number;
    readonly name: string;
    readonly cols: number;
    readonly denseBits: number;
    readonly codedBits: number;
  }[];
}

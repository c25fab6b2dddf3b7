/** Something that can be told about a file while the rest of it still works. */
export interface Problem {
  readonly severity: 'error' | 'warning' | 'note';
  /** 'onnx/external-data-missing'; all codes are listed in docs/problems.md. */
  readonly code: string;
  /** What is wrong, where, and what to do: one or two sentences. */
  readonly message: string;
  readonly at: {
    readonly file: string | null;
    readonly tensor: string | null;
    readonly offset: number | null;
  };
}

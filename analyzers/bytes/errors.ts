/**
 * The one error that a reader throws when a file cannot be listed at all.
 * What can be told while the rest still works is a `Problem` in `Model.problems` instead.
 */
export type ReadErrorCode =
  | 'activations/length'
  | 'activations/not-finite'
  | 'activations/unreadable'
  | 'file/empty'
  | 'file/not-a-model'
  | 'file/truncated'
  | 'file/damaged'
  | 'file/too-large'
  | 'file/missing'
  | 'file/unreadable'
  | 'file/exists'
  | 'file/changed'
  | 'file/unwritable'
  | 'limits/depth'
  | 'limits/messages'
  | 'limits/strings'
  | 'limits/structure'
  | 'limits/tensors'
  | 'limits/shape-overflow'
  | 'limits/rewrite'
  | 'limits/codebook-groups'
  | 'onnx/external-data-missing'
  | 'onnx/external-data-outside'
  | 'onnx/external-data-short'
  | 'onnx/external-data-withheld'
  | 'slim/damaged'
  | 'slim/differs'
  | 'slim/truncated'
  | 'slim/twice'
  | 'slim/version'
  | 'weights/malformed';

/** Names the file, the byte offset where known, and what the user can do about it. */
export class ReadError extends Error {
  override readonly name = 'ReadError';
  readonly code: ReadErrorCode;
  readonly file: string;
  readonly offset: number | undefined;

  constructor(code: ReadErrorCode, file: string, message: string, offset?: number) {
    super(message);
    this.code = code;
    this.file = file;
    this.offset = offset;
  }
}

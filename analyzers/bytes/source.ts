/**
 * Names one readable thing; the only form in which a file crosses a thread or process boundary.
 * `alone`: no file beside it may be opened, since whoever put it there is not trusted.
 * `within`: the folder that a file beside a model must still lie in, without links, whenever it is opened.
 */
export type SourceRef =
  | { readonly kind: 'file'; readonly path: string; readonly alone?: true; readonly within?: string }
  | { readonly kind: 'bytes'; readonly name: string; readonly bytes: SharedArrayBuffer | ArrayBuffer };

/** Random access to one file. Offsets and lengths are bytes. A read past the end throws ReadError('file/truncated'). */
export interface ByteSource {
  readonly ref: SourceRef;
  /** The file's name without its folder. */
  readonly name: string;
  readonly size: number;
  /** Fills `into` from `offset`, wholly or not at all; never allocates, so the caller bounds memory. */
  read(offset: number, into: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** A file beside this one (external data, shards). Refuses absolute paths, `..`, and links that leave the folder. */
  sibling(name: string): Promise<ByteSource>;
  close(): Promise<void>;
}

/** Opens what a SourceRef names. The thread that reads provides it (analyzers/node has the one for files). */
export type OpenSource = (ref: SourceRef) => Promise<ByteSource>;

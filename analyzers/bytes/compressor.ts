/** A general compressor of bytes; the thread that measures provides it. */
export interface Compressor {
  /** 'zlib' */
  readonly id: string;
  /** With its level: 'zlib, level 6'. */
  readonly label: string;
  /** Begins a stream; `sink` gets its bytes as they are ready. */
  start(sink: (bytes: Uint8Array) => void): Compression;
}

/** One stream in progress. Whatever happens, `close` is called at last. */
export interface Compression {
  /** Resolves when the bytes may be used again. */
  push(bytes: Uint8Array): Promise<void>;
  /** Resolves when every byte has gone to the sink. */
  finish(): Promise<void>;
  close(): void;
}

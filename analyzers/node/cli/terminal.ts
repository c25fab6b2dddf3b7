type Stream = NodeJS.WriteStream;

/** Shortest time between two pictures of the progress: milliseconds. */
const frameMs = 100;

/** A line on standard error that is drawn again and again, on a terminal; elsewhere it says nothing. */
export interface ProgressLine {
  show(text: string): void;
  /** Wipes the line. */
  clear(): void;
}

export function progressLine(stream: Stream): ProgressLine {
  if (!stream.isTTY || process.env['TERM'] === 'dumb') return { show: () => {}, clear: () => {} };
  let last = Number.NEGATIVE_INFINITY;
  let drawn = false;
  return {
    show(text) {
      const now = performance.now();
      if (now - last < frameMs) return;
      last = now;
      drawn = true;
      stream.write(`\r\u001b[K${text.slice(0, columnsOf(stream) - 1)}`);
    },
    clear() {
      if (drawn) stream.write('\r\u001b[K');
      drawn = false;
    },
  };
}

/** Colour on a terminal that can show it, unless NO_COLOR says otherwise (no-color.org). */
export const wantsColor = (stream: Stream): boolean =>
  stream.isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';

/** Columns of text that goes elsewhere than to a terminal, of a terminal that does not know its own, and the least. */
const columns = { file: 100, unknown: 80, least: 40 } as const;

export const columnsOf = (stream: Stream): number => {
  if (!stream.isTTY) return columns.file;
  return Math.max(columns.least, stream.columns > 0 ? stream.columns : columns.unknown);
};

/** Resolves when everything is handed over; a reader that went away is no error. */
export const print = (stream: Stream, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (error === null || error === undefined || isBrokenPipe(error)) resolve();
      else reject(error);
    });
  });

export const isBrokenPipe = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EPIPE';

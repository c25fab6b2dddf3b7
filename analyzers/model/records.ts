import { limits } from '../bytes/limits.ts';
import type { ExtentStream } from './extentStream.ts';

/** How a repeated field writes one element: a tag before it or none, then a varint or `width` bytes. */
export interface RecordForm {
  readonly tagBytes: number;
  readonly varint: boolean;
  /** Bytes of one element once decoded: 1, 2, 4 or 8. */
  readonly width: number;
}

/** Bytes of the longest varint that protobuf allows. */
const longestVarint = 10;

/** Elements of a repeated field as little-endian elements of fixed width, through a window of bounded size. */
export interface RecordReader {
  /**
   * Fills `into` (a whole number of elements): a varint's low bits, cut to the width. Answers what is wrong when
   * the field ends too early or a varint does not end, null when all is well.
   */
  fill(into: Uint8Array, signal: AbortSignal): Promise<string | null>;
}

export function recordReader(stream: ExtentStream, form: RecordForm): RecordReader {
  const { tagBytes, varint, width } = form;
  const longest = tagBytes + (varint ? longestVarint : width);
  const window = new Uint8Array(Math.min(limits.window, Math.max(stream.rest, longest)));
  let at = 0;
  let end = 0;

  /** Moves what is left to the front and reads behind it. */
  async function refill(signal: AbortSignal): Promise<void> {
    window.copyWithin(0, at, end);
    end -= at;
    at = 0;
    const more = Math.min(window.length - end, stream.rest);
    await stream.read(window.subarray(end, end + more), signal);
    end += more;
  }

  /** Puts the varint at `at` into `into`; false when it has no end. */
  function takeVarint(into: Uint8Array, place: number): boolean {
    let low = 0;
    let high = 0;
    for (let i = 0; i < longestVarint; i += 1) {
      const byte = window[at]!;
      at += 1;
      const bits = byte & 127;
      if (i < 4) low |= bits << (7 * i);
      else if (i === 4) {
        low |= bits << 28;
        high = bits >> 4;
      } else high |= bits << (7 * i - 32);
      if (byte < 128) {
        for (let j = 0; j < width; j += 1) into[place + j] = (j < 4 ? low : high) >>> (8 * (j & 3));
        return true;
      }
    }
    return false;
  }

  return {
    async fill(into, signal) {
      for (let place = 0; place < into.length;) {
        if (end - at < longest && stream.rest > 0) await refill(signal);
        // A record that starts here or before lies wholly in the window; at the end of the field, `at` is checked.
        const safe = stream.rest > 0 ? end - longest : end - 1;
        if (at > safe) return 'there are fewer numbers than its shape says';
        while (place < into.length && at <= safe) {
          at += tagBytes;
          if (!varint) {
            for (let i = 0; i < width; i += 1) into[place + i] = window[at + i]!;
            at += width;
          } else if (!takeVarint(into, place)) return 'a number is longer than ten bytes';
          if (at > end) return 'its last number is cut off';
          place += width;
        }
      }
      return null;
    },
  };
}

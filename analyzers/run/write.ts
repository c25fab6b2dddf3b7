import type { OpenSink } from '../bytes/sink.ts';
import type { OpenSource } from '../bytes/source.ts';
import type { WriteJob, Written } from '../rpc/contracts.ts';

/** Writes files as a job says. Nothing is in its place until all of them are whole. */
export function write(
  _job: WriteJob,
  _open: OpenSource,
  _openSink: OpenSink,
  _options: {
    readonly signal: AbortSignal;
    readonly progress: (share: number) => void;
    readonly breathe: () => Promise<void>;
  },
): Promise<Written> {
  return Promise.reject(new RangeError('not asked for'));
}

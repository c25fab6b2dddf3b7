import type { OpenSink } from '../bytes/sink.ts';

/** Opens parts beside the files of a job whose output is `out`. */
export const openPart =
  (_out: string): OpenSink =>
  () =>
    Promise.reject(new RangeError('not asked for'));

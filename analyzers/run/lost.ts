import type { Layer } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import { failureOf } from '../rpc/failure.ts';
import { problemOf } from './layerJob.ts';

/** A layer that no worker could finish. */
export const lost = (layer: Layer, code: string, message: string): Problem =>
  code === 'analysis/worker-died'
    ? problemOf(
        layer,
        code,
        `${message}, twice, over this layer; its figures are missing: try fewer threads or more memory`,
        null,
        null,
      )
    : problemOf(layer, 'analysis/failed', `this layer could not be analysed: ${message}`, null, null);

/** Why the bytes of a model could not all be read. */
export function uncounted(error: unknown): Problem {
  const { code, message, file, offset } = failureOf(error);
  return {
    severity: 'error',
    code: code === 'unknown' ? 'analysis/failed' : code,
    message,
    at: { file: file ?? null, tensor: null, offset: offset ?? null },
  };
}

import type { Services } from '../services.ts';

/** Selects a layer of the active report, null for the whole model: what a click in the Layers view does. */
export function revealLayer(services: Services, layer?: unknown): Promise<void> {
  if (layer === null || (typeof layer === 'number' && Number.isSafeInteger(layer)))
    services.sessions.active?.select(layer);
  return Promise.resolve();
}

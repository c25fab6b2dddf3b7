import type { Services } from '../services.ts';

/** Cancels the analysis of the report in front; when that one is at rest, every other. */
export function cancelRun(services: Services): Promise<void> {
  const uri = services.sessions.active?.uri;
  services.activity.cancel(uri !== undefined && services.activity.isBusy(uri) ? uri : undefined);
  return Promise.resolve();
}

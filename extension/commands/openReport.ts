import type { Services } from '../services.ts';
import { analyzeModel } from './analyzeModel.ts';

/** Brings the last report to the front; without one, asks for a model. */
export async function openReport(services: Services): Promise<void> {
  const session = services.sessions.active;
  if (session === undefined) await analyzeModel(services);
  else session.panel.reveal();
}

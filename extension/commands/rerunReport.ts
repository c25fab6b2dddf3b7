import type { Services } from '../services.ts';
import { analyzeModel } from './analyzeModel.ts';

/** Runs the report in front again, with the recipe that it shows. */
export async function rerunReport(services: Services): Promise<void> {
  const session = services.sessions.active;
  if (session === undefined) {
    await analyzeModel(services);
    return;
  }
  session.panel.reveal();
  session.rerun();
}

import type { Services } from '../services.ts';
import { needReport } from './needReport.ts';

/** Writes what the sliders of the report in front stand at as a recipe file. */
export async function saveRecipe(services: Services): Promise<void> {
  const session = needReport(services);
  if (session !== undefined) await session.saveRecipe(session.recipe);
}

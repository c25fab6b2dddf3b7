import test from 'node:test';
import { ReportPage } from '../../support/reportPage.ts';
import type { Workbench } from '../../support/workbench.ts';

export interface Stage {
  readonly workbench: Workbench;
  /** The report in front. */
  readonly report: ReportPage;
}

/** Registers one end-to-end test. */
export type Scene = (claim: string, play: (stage: Stage) => Promise<void>) => void;

/** Every scene begins without editors in the same window; one that fails leaves a picture. */
export function scenes(workbench: () => Workbench): Scene {
  return (claim, play) => {
    test(claim, { timeout: 90_000 }, async () => {
      const bench = workbench();
      await bench.reset();
      try {
        await play({ workbench: bench, report: new ReportPage(bench.report) });
      } catch (error) {
        await bench.shot(`failed-${claim.replaceAll(/\W+/g, '-').slice(0, 60)}`);
        throw error;
      }
    });
  };
}

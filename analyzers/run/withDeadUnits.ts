import type { LayerReport } from '../report/layerReport.ts';
import type { DeadFound } from '../rpc/contracts.ts';
import { failureOf } from '../rpc/failure.ts';

const code = 'analysis/dead-units';

/**
 * The reports of all layers with what goes with their dead units; `find` is asked only when a layer has dead rows or
 * columns, or had some in an earlier run. Where it fails all other figures stand.
 */
export async function withDeadUnits(
  reports: readonly LayerReport[],
  find: (reports: readonly LayerReport[]) => Promise<readonly DeadFound[]>,
  signal: AbortSignal,
): Promise<readonly LayerReport[]> {
  if (
    !reports.some(
      ({ prune, dead }) => dead !== null || (prune !== null && prune.deadRows + prune.deadCols > 0),
    )
  )
    return reports;
  try {
    const found = await find(reports);
    return reports.map((report, i) => told(report, found[i] ?? { dead: null, problem: null }));
  } catch (error) {
    signal.throwIfAborted();
    if (failureOf(error).code === 'closed') throw error;
    // What an earlier run told of may hold no longer; what settling told does.
    return reports.map((report) =>
      report.dead === null ? report : told(report, { dead: null, problem: null }),
    );
  }
}

function told(report: LayerReport, { dead, problem }: DeadFound): LayerReport {
  const others = report.problems.filter((one) => one.code !== code);
  return { ...report, dead, problems: problem === null ? others : [...others, problem] };
}

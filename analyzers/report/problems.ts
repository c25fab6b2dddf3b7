import type { Problem } from '../model/problem.ts';
import type { Report } from './report.ts';

const severities: readonly Problem['severity'][] = ['error', 'warning', 'note'];

const keyOf = ({ code, message, at }: Problem): string =>
  JSON.stringify([code, message, at.tensor, at.offset]);

/**
 * Everything that went wrong, the file's and the layers' problems in one list: the gravest first, none twice. What a
 * layer repeats of the file's, which says more (whom else it concerns), is told there, as gravely as here.
 */
export function allProblems({ problems, layers }: Pick<Report, 'problems' | 'layers'>): readonly Problem[] {
  const seen = new Map<string, Problem>();
  for (const problem of problems) seen.set(keyOf(problem), problem);
  for (const problem of layers.flatMap((layer) => layer.problems)) {
    const { code, message, severity } = problem;
    const fuller = problems.find((one) => one.code === code && one.message.startsWith(message));
    if (fuller === undefined) seen.set(keyOf(problem), problem);
    else if (severity === 'error') seen.set(keyOf(fuller), { ...fuller, severity });
  }
  return [...seen.values()].toSorted(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity),
  );
}

/** The first of them, and how many more there are, for a surface that has room for `most` lines. */
export function firstProblems(
  report: Pick<Report, 'problems' | 'layers'>,
  most: number,
): { readonly all: number; readonly shown: readonly Problem[]; readonly more: number } {
  const all = allProblems(report);
  return { all: all.length, shown: all.slice(0, most), more: Math.max(0, all.length - most) };
}

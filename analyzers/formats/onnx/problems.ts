import { limits } from '../../bytes/limits.ts';
import type { Problem } from '../../model/problem.ts';
import type { TensorData } from '../../model/tensor.ts';

/** Collects what can be told of one file; beyond limits.problems it only counts. */
export interface Problems {
  tell(
    severity: Problem['severity'],
    code: string,
    message: string,
    at?: { readonly file?: string; readonly tensor?: string; readonly offset?: number },
  ): void;
  list(): Problem[];
}

export function collectProblems(file: string): Problems {
  const problems: Problem[] = [];
  let more = 0;
  return {
    tell(severity, code, message, at = {}) {
      if (problems.length >= limits.problems) {
        more += 1;
        return;
      }
      problems.push({
        severity,
        code,
        message,
        at: { file: at.file ?? file, tensor: at.tensor ?? null, offset: at.offset ?? null },
      });
    },
    list() {
      if (more === 0) return problems;
      const message = `${more.toString()} more problems of ${file} are not listed.`;
      const at = { file, tensor: null, offset: null };
      return [...problems, { severity: 'warning', code: 'limits/problems', message, at }];
    },
  };
}

/** A name from the file for use in a sentence: in quotes, and not longer than a line. */
export function quoted(name: string): string {
  if (name === '') return 'without a name';
  return name.length > 80 ? `"${name.slice(0, 79)}…"` : `"${name}"`;
}

/** Tells what is wrong with one tensor, by a clause that goes on behind its name, and answers with its data. */
export type Tell = (
  severity: 'warning' | 'note',
  code: string,
  what: string,
  file?: string,
) => Extract<TensorData, { kind: 'none' }>;

export const bytesText = (n: number): string => (n === 1 ? '1 byte' : `${n.toString()} bytes`);

/** The clause for data that does not fill its shape. */
export const sizeText = (has: number, wants: number): string =>
  `has ${bytesText(has)} of data, but its shape and type need ${wants.toString()}`;

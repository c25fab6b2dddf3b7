import * as vscode from 'vscode';
import { ReadError } from '../analyzers/bytes/errors.ts';
import { plainMessage } from '../analyzers/report/clean.ts';

/** The output channel 'Slimscope'; VS Code adds the times and filters by level. */
export const createLog = (): vscode.LogOutputChannel =>
  vscode.window.createOutputChannel('Slimscope', { log: true });

/** One line for any thrown value: its code and place where it has them, never a stack. */
export function reasonText(error: unknown): string {
  if (!(error instanceof Error)) return plainMessage(String(error));
  const code = 'code' in error && typeof error.code === 'string' ? ` [${error.code}]` : '';
  const at =
    error instanceof ReadError && error.offset !== undefined ? ` at byte ${error.offset.toString()}` : '';
  return `${plainMessage(error.message)}${code}${at}`;
}

/** True for a call that ended because somebody wanted it to. */
export const isCancelled = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'AbortError' ||
    ('code' in error && (error.code === 'aborted' || error.code === 'cancelled')));

import * as vscode from 'vscode';
import type { Session } from '../editor/session.ts';
import type { Services } from '../services.ts';
import { analyzeModel } from './analyzeModel.ts';

/** The report in front when it is complete; otherwise says what is missing. */
export function needReport(services: Services): Session | undefined {
  const session = services.sessions.active;
  if (session?.report !== undefined) return session;
  if (session?.running) {
    void vscode.window.showInformationMessage('The analysis has not finished. Try again when it has.');
    return undefined;
  }
  void vscode.window.showInformationMessage('There is no report yet.', 'Choose a model').then((choice) => {
    if (choice !== undefined) return analyzeModel(services);
    return undefined;
  });
  return undefined;
}

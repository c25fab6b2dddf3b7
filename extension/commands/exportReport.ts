import * as vscode from 'vscode';
import type { ExportFormat } from '../../analyzers/rpc/contracts.ts';
import { exportKinds } from '../exportFile.ts';
import type { Services } from '../services.ts';
import { needReport } from './needReport.ts';

interface Choice extends vscode.QuickPickItem {
  readonly as: ExportFormat;
}

/** Asks for a format and a place, and writes the report in front. */
export async function exportReport(services: Services): Promise<void> {
  const session = needReport(services);
  if (session === undefined) return;
  const choices = (Object.keys(exportKinds) as ExportFormat[]).map((as): Choice => ({
    label: exportKinds[as].label,
    detail: exportKinds[as].detail,
    as,
  }));
  const choice = await vscode.window.showQuickPick(choices, { placeHolder: 'Export the report as' });
  if (choice !== undefined) await session.exportReport(choice.as);
}

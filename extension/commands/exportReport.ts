import * as vscode from 'vscode';
import type { ExportFormat } from '../../analyzers/rpc/contracts.ts';
import { exportKinds } from '../exportFile.ts';
import type { Services } from '../services.ts';
import { writeOf } from './compressModel.ts';
import { needReport } from './needReport.ts';

interface Choice extends vscode.QuickPickItem {
  readonly as: ExportFormat | 'model';
}

/**
 * Asks what to export, and where: the report in front in one of its formats, or its model with the new weights. Of a
 * model that was clicked and has no report there is only the model.
 */
export async function exportReport(services: Services, clicked?: unknown): Promise<void> {
  const uri = clicked instanceof vscode.Uri ? clicked : undefined;
  if (uri !== undefined && services.sessions.of(uri) === undefined) {
    await writeOf(services, uri, { what: 'export', removeDeadUnits: false });
    return;
  }
  const clickedOn = uri === undefined ? undefined : services.sessions.of(uri);
  const session = clickedOn?.report === undefined ? needReport(services) : clickedOn;
  if (session === undefined) return;
  const formats = (Object.keys(exportKinds) as ExportFormat[]).map((as): Choice => ({
    label: exportKinds[as].label,
    detail: exportKinds[as].detail,
    as,
  }));
  const model: Choice = {
    label: 'Model',
    detail: /\.slim$/i.test(session.uri.path)
      ? 'The model that is in this container'
      : 'The model itself, pruned and shared weights in place',
    as: 'model',
  };
  const choice = await vscode.window.showQuickPick([...formats, model], {
    placeHolder: 'Export the report as, or the model',
  });
  if (choice === undefined) return;
  if (choice.as === 'model') await writeOf(services, session.uri, { what: 'export', removeDeadUnits: false });
  else await session.exportReport(choice.as);
}

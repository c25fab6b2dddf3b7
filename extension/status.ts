import * as vscode from 'vscode';
import type { Activity } from './activity.ts';
import type { CommandId } from './commands/table.ts';

/** The status bar item: 'Slimscope' at rest (a click shows a report), a spinner with the layers done while busy (a click cancels). */
export function createStatus(activity: Activity): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('slimscope.status', vscode.StatusBarAlignment.Left, 0);
  item.name = 'Slimscope';
  const show: CommandId = 'slimscope.openReport';
  const cancel: CommandId = 'slimscope.cancel';
  const update = (): void => {
    const run = activity.current;
    if (run === undefined) {
      item.text = 'Slimscope';
      item.tooltip = 'Show the compression report, or choose a model to analyze';
      item.command = show;
      item.accessibilityInformation = { label: 'Slimscope: show the compression report', role: 'button' };
      return;
    }
    const count = run.of === 0 ? 'opening' : `${run.done.toString()}/${run.of.toString()}`;
    // The text begins with the name also while busy; the icon follows it.
    item.text = `Slimscope $(sync~spin) ${count}`;
    item.tooltip = `${run.doing} ${run.name}. Click to cancel.`;
    item.command = cancel;
    item.accessibilityInformation = {
      label: `Slimscope: ${run.doing.toLowerCase()} ${run.name}, cancel`,
      role: 'button',
    };
  };
  update();
  item.show();
  return vscode.Disposable.from(item, activity.onDidChange(update));
}

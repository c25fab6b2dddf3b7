import * as vscode from 'vscode';
import { Activity } from './activity.ts';
import { Analysis } from './analysis.ts';
import { Sessions } from './editor/sessions.ts';
import { createLog } from './log.ts';
import { Recipes } from './recipes.ts';
import { settingsFrom, type Settings } from './settings.ts';

/** Everything that lives as long as the window, made once and passed down. */
export interface Services {
  readonly extensionUri: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly settings: () => Settings;
  readonly activity: Activity;
  readonly analysis: Analysis;
  readonly sessions: Sessions;
  readonly recipes: Recipes;
}

/** The settings as they are now. */
const settings = (): Settings => {
  const section = vscode.workspace.getConfiguration('slimscope');
  return settingsFrom((key) => section.get<unknown>(key));
};

export function createServices(context: vscode.ExtensionContext): Services {
  const log = createLog();
  const activity = new Activity();
  const worker = vscode.Uri.joinPath(context.extensionUri, 'dist', 'worker.cjs').fsPath;
  const analysis = new Analysis({ worker, settings, activity, log });
  const sessions = new Sessions();
  const recipes = new Recipes(context.workspaceState);
  context.subscriptions.push(
    log,
    sessions,
    activity,
    analysis,
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('slimscope.threads')) analysis.restart();
    }),
    // What was withheld may now be read.
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      for (const session of sessions.all) session.rerun();
    }),
    vscode.window.onDidChangeWindowState(({ focused }) => {
      if (focused) for (const session of sessions.all) session.look();
    }),
  );
  return { extensionUri: context.extensionUri, log, settings, activity, analysis, sessions, recipes };
}

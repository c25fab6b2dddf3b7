import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { analyzeModel } from './analyzeModel.ts';
import { cancelRun } from './cancelRun.ts';
import { compressModel } from './compressModel.ts';
import { exportReport } from './exportReport.ts';
import { openReport } from './openReport.ts';
import { openSample } from './openSample.ts';
import { rerunReport } from './rerunReport.ts';
import { revealLayer } from './revealLayer.ts';
import { saveRecipe } from './saveRecipe.ts';
import { showLog } from './showLog.ts';
import { useRecipe } from './useRecipe.ts';
import { commandIds, type CommandId } from './table.ts';
import { reasonText } from '../log.ts';

/** Menus hand over what was clicked; the palette hands over nothing. Arguments are checked by each command. */
export type Command = (services: Services, ...args: unknown[]) => Promise<void>;

const commands: Readonly<Record<CommandId, Command>> = {
  'slimscope.analyze': analyzeModel,
  'slimscope.openReport': openReport,
  'slimscope.rerun': rerunReport,
  'slimscope.export': exportReport,
  'slimscope.compress': compressModel,
  'slimscope.saveRecipe': saveRecipe,
  'slimscope.useRecipe': useRecipe,
  'slimscope.cancel': cancelRun,
  'slimscope.openSample': openSample,
  'slimscope.revealLayer': revealLayer,
  'slimscope.showLog': showLog,
};

/** A command that fails says so once, in one line; the whole story is in the log. */
export const registerCommands = (services: Services): vscode.Disposable =>
  vscode.Disposable.from(
    ...commandIds.map((id) =>
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          await commands[id](services, ...args);
        } catch (error) {
          services.log.error(`${id}: ${reasonText(error)}`);
          void vscode.window.showErrorMessage(reasonText(error));
        }
      }),
    ),
  );

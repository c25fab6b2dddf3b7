import * as vscode from 'vscode';
import { bytesText, factorText } from '../../analyzers/report/units.ts';
import type { CommandId } from '../commands/table.ts';
import type { Session } from '../editor/session.ts';
import type { Services } from '../services.ts';
import { nameOf } from '../sources.ts';
import { layerDescription, layerTooltip, plain } from '../text.ts';

/** A layer by its index; null is the whole model. */
export type LayerRow = number | null;

/** Rows are drawn anew at most so often while layers stream in: milliseconds. */
const redrawMs = 100;

const reveal: CommandId = 'slimscope.revealLayer';

/** The layers of the active report; a click selects one in its page. */
class LayersTree implements vscode.TreeDataProvider<LayerRow> {
  readonly #services: Services;
  readonly #redraw = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#redraw.event;

  constructor(services: Services) {
    this.#services = services;
  }

  redraw(): void {
    this.#redraw.fire();
  }

  getChildren(row?: LayerRow): LayerRow[] {
    const session = this.#services.sessions.active;
    if (row !== undefined || session === undefined || session.stubs.length === 0) return [];
    return [null, ...session.stubs.map((_stub, place) => place)];
  }

  getTreeItem(row: LayerRow): vscode.TreeItem {
    const session = this.#services.sessions.active;
    const item = row === null ? modelItem(session) : layerItem(session, row);
    return item;
  }
}

function modelItem(session: Session | undefined): vscode.TreeItem {
  const item = new vscode.TreeItem('Whole model');
  const totals = session?.report?.totals;
  item.iconPath = new vscode.ThemeIcon('symbol-namespace');
  if (totals !== undefined) {
    const bytes = bytesText(Math.ceil(totals.bits.coded / 8));
    item.description = [bytes, totals.factor.coded === null ? '' : factorText(totals.factor.coded)]
      .filter((part) => part !== '')
      .join(' · ');
    item.tooltip = 'Weights of all layers, coded as the recipe says';
  }
  item.command = { command: reveal, title: 'Show in the report', arguments: [null] };
  return item;
}

function layerItem(session: Session | undefined, place: number): vscode.TreeItem {
  const stub = session?.stubs[place];
  if (stub === undefined) return new vscode.TreeItem('');
  const report = session?.layers.get(stub.index);
  const item = new vscode.TreeItem(plain(stub.name));
  item.id = `${session?.uri.toString() ?? ''} ${stub.index.toString()}`;
  item.description = layerDescription(stub, report);
  item.tooltip = layerTooltip(stub, report);
  const failed = report?.profile === null;
  item.iconPath = new vscode.ThemeIcon(failed ? 'warning' : 'layers');
  item.command = { command: reveal, title: 'Show in the report', arguments: [stub.index] };
  return item;
}

export function registerLayersTree(services: Services): vscode.Disposable {
  const provider = new LayersTree(services);
  const view = vscode.window.createTreeView('slimscope.layers', { treeDataProvider: provider });
  let timer: NodeJS.Timeout | undefined;
  const update = (): void => {
    timer = undefined;
    const session = services.sessions.active;
    view.description = session === undefined ? '' : plain(nameOf(session.uri));
    view.message = session === undefined ? undefined : messageOf(session);
    provider.redraw();
  };
  const stop = { dispose: () => clearTimeout(timer) };
  return vscode.Disposable.from(
    view,
    stop,
    services.sessions.onDidChange(() => {
      timer ??= setTimeout(update, redrawMs);
    }),
  );
}

function messageOf(session: Session): string | undefined {
  if (session.failure !== undefined) return session.failure;
  if (session.report !== undefined && session.stubs.length === 0) return 'This model has no weights.';
  if (session.stubs.length === 0) return session.running ? 'Opening the model' : undefined;
  return undefined;
}

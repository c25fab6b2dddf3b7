import * as vscode from 'vscode';
import { plain } from '../../analyzers/report/clean.ts';
import { bytesText, factorText } from '../../analyzers/report/units.ts';
import type { CommandId } from '../commands/table.ts';
import type { Session } from '../editor/session.ts';
import type { Services } from '../services.ts';
import { nameOf } from '../sources.ts';
import { layerDescription, layerTooltip } from '../text.ts';

/** One row: a place in the layer list, or the whole model. Rows are objects: VS Code drops a row that is null or 0. */
interface LayerRow {
  readonly place: number | 'model';
}

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
    return [{ place: 'model' }, ...session.stubs.map((_stub, place) => ({ place }))];
  }

  getTreeItem({ place }: LayerRow): vscode.TreeItem {
    const session = this.#services.sessions.active;
    if (session === undefined) return new vscode.TreeItem('');
    return place === 'model' ? modelItem(session) : layerItem(session, place);
  }
}

function modelItem({ uri, report }: Session): vscode.TreeItem {
  const item = new vscode.TreeItem(plain(nameOf(uri)));
  const parts = ['whole model'];
  if (report !== undefined) {
    const { bits, factor } = report.totals;
    parts.push(bytesText(Math.ceil(bits.coded / 8)));
    if (factor.coded !== null) parts.push(factorText(factor.coded));
  }
  item.id = `${uri.toString()} model`;
  item.description = parts.join(' · ');
  item.tooltip = 'The weights of all layers, coded as the recipe says, and how many times smaller that is';
  item.iconPath = new vscode.ThemeIcon('symbol-namespace');
  item.command = { command: reveal, title: 'Show in the report', arguments: [null] };
  return item;
}

function layerItem({ uri, stubs, layers }: Session, place: number): vscode.TreeItem {
  const stub = stubs[place];
  if (stub === undefined) return new vscode.TreeItem('');
  const report = layers.get(stub.index);
  const item = new vscode.TreeItem(plain(stub.name));
  item.id = `${uri.toString()} ${stub.index.toString()}`;
  item.description = layerDescription(stub, report);
  item.tooltip = layerTooltip(stub, report);
  item.iconPath = new vscode.ThemeIcon(report?.profile === null ? 'warning' : 'layers');
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

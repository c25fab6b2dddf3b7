import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { Services } from '../services.ts';
import { nameOf } from '../sources.ts';
import { plain } from '../../analyzers/report/clean.ts';
import { pageHtml } from './page.ts';
import { Session } from './session.ts';

export const viewType = 'slimscope.report';

/** Opens a model as its report. The document holds nothing: the model is read by workers, and only as far as it is shown. */
class ModelEditor implements vscode.CustomReadonlyEditorProvider {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor(document: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const dist = vscode.Uri.joinPath(this.#services.extensionUri, 'dist');
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    this.#services.sessions.add(new Session(this.#services, document.uri, panel));
    webview.html = pageHtml({
      cspSource: webview.cspSource,
      nonce: randomBytes(18).toString('base64url'),
      script: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'webview.js')).toString(),
      styles: webview.asWebviewUri(vscode.Uri.joinPath(dist, 'webview.css')).toString(),
      title: `${plain(nameOf(document.uri))} - compression report`,
    });
  }
}

/** A hidden page is thrown away: what it shows stands in its own saved state and in the host's memory. */
export const registerModelEditor = (services: Services): vscode.Disposable =>
  vscode.window.registerCustomEditorProvider(viewType, new ModelEditor(services), {
    supportsMultipleEditorsPerDocument: true,
    webviewOptions: { retainContextWhenHidden: false },
  });

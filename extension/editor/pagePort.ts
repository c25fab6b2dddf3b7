import * as vscode from 'vscode';
import type { Envelope, Port } from '../../analyzers/rpc/channel.ts';

/** The page's kinds of envelope; the rest of a message is checked by the channel and the guards. */
const kinds = new Set(['call', 'progress', 'cancel', 'done', 'failed']);

const isEnvelope = (value: unknown): value is Envelope =>
  typeof value === 'object' &&
  value !== null &&
  'kind' in value &&
  typeof value.kind === 'string' &&
  kinds.has(value.kind) &&
  'id' in value &&
  Number.isSafeInteger(value.id);

/**
 * One port for each life of the page. VS Code throws a hidden page away and loads it anew when it is shown,
 * and keeps messages for it meanwhile: an answer to the old page must never reach the new one, whose calls are
 * numbered from the start again. So a port is closed when the page is hidden, and when a page says 'ready'.
 */
export function connectPages(panel: vscode.WebviewPanel, onPage: (port: Port) => void): vscode.Disposable {
  let close: ((reason: string) => void) | undefined;
  let receive: ((message: Envelope) => void) | undefined;

  const openPort = (): void => {
    const messages: ((message: Envelope) => void)[] = [];
    const closes: Parameters<Port['onClose']>[0][] = [];
    let open = true;
    close = (reason) => {
      if (!open) return;
      open = false;
      for (const handler of closes) handler({ code: 'page/closed', message: reason });
    };
    receive = (message) => {
      if (open) for (const handler of messages) handler(message);
    };
    onPage({
      post: (message) => {
        if (open) void panel.webview.postMessage(message);
      },
      onMessage: (handler) => {
        messages.push(handler);
      },
      onClose: (handler) => {
        closes.push(handler);
      },
    });
  };
  const closePort = (reason: string): void => {
    close?.(reason);
    close = undefined;
    receive = undefined;
  };

  return vscode.Disposable.from(
    panel.webview.onDidReceiveMessage((message: unknown) => {
      if (!isEnvelope(message)) return;
      const ready = message.kind === 'call' && message.method === 'ready';
      if (ready) closePort('the page was loaded anew');
      if (receive === undefined && message.kind === 'call') openPort();
      receive?.(message);
    }),
    panel.onDidChangeViewState(() => {
      if (!panel.visible) closePort('the page is hidden');
    }),
    { dispose: () => closePort('the editor was closed') },
  );
}

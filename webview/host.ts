import { Caller, serve, type Envelope, type Handlers, type Port } from '../analyzers/rpc/channel.ts';
import type { HostContract, ViewContract } from '../analyzers/rpc/contracts.ts';
import { viewGuards } from '../analyzers/rpc/guard.ts';

interface CodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): CodeApi;

/** The page's side of the channel, and the place where its state survives being hidden. */
export interface Host {
  readonly calls: Caller<HostContract>;
  answer(handlers: Handlers<ViewContract>): void;
  readState(): unknown;
  writeState(state: unknown): void;
}

export function connect(): Host {
  const api = acquireVsCodeApi();
  const port: Port = {
    post: (message: Envelope) => api.postMessage(message),
    onMessage: (handler) => {
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        // The channel itself looks at the form of what comes.
        handler(event.data as Envelope);
      });
    },
    // A page that goes away takes its port with it: nobody is left to be told.
    onClose: () => undefined,
  };
  return {
    calls: new Caller<HostContract>(port),
    answer: (handlers) => serve<ViewContract>(port, handlers, viewGuards),
    readState: () => api.getState(),
    writeState: (state) => api.setState(state),
  };
}

import type { MessagePort, Worker } from 'node:worker_threads';
import type { Envelope, Failure, Port } from '../rpc/channel.ts';

/** The code of everything that a worker's end does to the calls that it had. */
const died = 'analysis/worker-died';

/** The host's end of a worker. It closes when the worker has ended, whatever the reason. */
export function workerPort(worker: Worker): Port {
  const closes: ((reason: Failure) => void)[] = [];
  let closed = false;
  const close = (message: string): void => {
    if (closed) return;
    closed = true;
    for (const handler of closes) handler({ code: died, message });
  };
  // An error comes before the end that it causes, and says more.
  worker.on('error', (error) => close(reasonOf(error)));
  worker.on('messageerror', () => close('a message of the worker could not be read'));
  worker.on('exit', (code) => close(`the worker ended (exit code ${code.toString()})`));
  return {
    post: (message, transfer) => worker.postMessage(message, [...(transfer ?? [])]),
    onMessage: (handler) => void worker.on('message', (message: Envelope) => handler(message)),
    onClose: (handler) => void closes.push(handler),
  };
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return 'the worker ran out of memory';
  return `the worker crashed (${typeof message === 'string' ? message : 'no reason given'})`;
}

/** The worker's own end. */
export function hostPort(parent: MessagePort): Port {
  return {
    post: (message, transfer) => parent.postMessage(message, [...(transfer ?? [])]),
    onMessage: (handler) => void parent.on('message', (message: Envelope) => handler(message)),
    onClose: (handler) =>
      void parent.on('close', () => handler({ code: 'closed', message: 'the host is gone' })),
  };
}

import type { Envelope, Failure, Port } from '../../analyzers/rpc/channel.ts';

/** A port that a test holds both ends of. */
export interface TestPort extends Port {
  /** What was posted into it. */
  readonly posted: Envelope[];
  /** Delivers anything at all, as an untrusted other side could. */
  deliver(message: unknown): void;
  shut(reason?: Failure): void;
}

/** `forward` gets what is posted; messages are cloned, as between threads. */
export function testPort(forward: (message: Envelope) => void = () => undefined): TestPort {
  const messages: ((message: Envelope) => void)[] = [];
  const closes: ((reason: Failure) => void)[] = [];
  const posted: Envelope[] = [];
  return {
    posted,
    post: (message, transfer) => {
      const copy = structuredClone(message, { transfer: [...(transfer ?? [])] });
      posted.push(copy);
      forward(copy);
    },
    onMessage: (handler) => void messages.push(handler),
    onClose: (handler) => void closes.push(handler),
    deliver: (message) => {
      for (const handler of messages) handler(message as Envelope);
    },
    shut: (reason = { code: 'worker-exited', message: 'the worker ended' }) => {
      for (const handler of closes) handler(reason);
    },
  };
}

/** Two ports, each the other's other side; messages arrive in a later turn, in order. */
export function portPair(): readonly [TestPort, TestPort] {
  const a: TestPort = testPort((message) => queueMicrotask(() => b.deliver(message)));
  const b: TestPort = testPort((message) => queueMicrotask(() => a.deliver(message)));
  return [a, b];
}

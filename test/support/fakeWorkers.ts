import { serve, type CallContext } from '../../analyzers/rpc/channel.ts';
import type { AnalyzerContract } from '../../analyzers/rpc/contracts.ts';
import type { SpawnedWorker } from '../../analyzers/run/crew.ts';
import { portPair, type TestPort } from './ports.ts';

type Answer = (
  method: keyof AnalyzerContract,
  args: never,
  context: CallContext<never>,
  worker: FakeWorker,
) => unknown;

export interface FakeWorker {
  /** 0, 1, 2, ... in the order in which they were started. */
  readonly number: number;
  readonly alive: boolean;
  /** Ends the worker as a crash does. */
  die(message?: string): void;
}

/** Workers without threads: `answer` computes, `terminate` and `die` close the port. */
export function fakeWorkers(answer: Answer) {
  const all: FakeWorker[] = [];
  const spawn = (): SpawnedWorker => {
    const [near, far]: readonly [TestPort, TestPort] = portPair();
    let alive = true;
    const end = (message: string): void => {
      if (!alive) return;
      alive = false;
      far.shut();
      near.shut({ code: 'analysis/worker-died', message });
    };
    const worker: FakeWorker = {
      number: all.length,
      get alive() {
        return alive;
      },
      die: (message = 'the worker ended (exit code 1)') => end(message),
    };
    all.push(worker);
    const handle =
      (method: keyof AnalyzerContract) =>
      (args: unknown, context: CallContext<never>): never =>
        answer(method, args as never, context, worker) as never;
    serve<AnalyzerContract>(far, {
      open: handle('open'),
      census: handle('census'),
      layer: handle('layer'),
      tile: handle('tile'),
      magnitudes: handle('magnitudes'),
      curves: handle('curves'),
      study: handle('study'),
      plan: handle('plan'),
      suggest: handle('suggest'),
      deadUnits: handle('deadUnits'),
      write: handle('write'),
      frame: handle('frame'),
    });
    return {
      port: near,
      terminate: () => {
        end('the worker was ended');
        return Promise.resolve();
      },
    };
  };
  return { spawn, all, living: () => all.filter((worker) => worker.alive) };
}

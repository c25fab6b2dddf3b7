import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** A running VS Code, as tools/host/start.mjs makes it. */
export interface Host {
  readonly url: string;
  readonly base: string;
  readonly port: number;
  /** Rewrites the user settings: the standing ones and these. VS Code takes them up at once. */
  setSettings(more: Readonly<Record<string, unknown>>): void;
  stop(): Promise<void>;
}

interface HostTools {
  freePort(): Promise<number>;
  installVsix(vsix: string, dataDir: string): Promise<string[]>;
  startHost(options: {
    readonly port: number;
    readonly folder: string;
    readonly extension: string | null;
    readonly dataDir: string;
    readonly trust?: boolean;
    readonly theme?: string;
  }): Promise<Host>;
}

/** The tools are plain modules that find their own folder, so they are loaded from where they lie. */
export const hostTools = async (): Promise<HostTools> =>
  (await import(pathToFileURL(path.resolve('tools/host/start.mjs')).href)) as HostTools;

import type { Tile, TileWindow } from '../../analyzers/report/tile.ts';
import { failureOf } from '../../analyzers/rpc/failure.ts';
import type { Session } from '../session.ts';
import type { Shot } from '../charts/tilePicture.ts';

export interface TileWish {
  readonly layer: number;
  readonly pruned: boolean;
  readonly window: TileWindow;
  /** Whatever changes the numbers behind the same window: the threshold, the file. */
  readonly version: string;
}

const keyOf = ({ layer, pruned, window, version }: TileWish): string =>
  JSON.stringify([layer, pruned, version, window.rows, window.cols, window.width, window.height]);

/** Cells that are kept over all tiles: about 16 MB. */
const mostCells = 4_000_000;

/** Tiles that were asked for, the newest last; one wish at a time is under way for each picture. */
export class TileCache {
  readonly #session: Session;
  readonly #kept = new Map<string, Shot>();
  #cells = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  get(wish: TileWish): Shot | undefined {
    return this.#kept.get(keyOf(wish));
  }

  async ask(wish: TileWish, signal: AbortSignal): Promise<Shot> {
    const key = keyOf(wish);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const tile: Tile = await this.#session.tile(wish.layer, wish.window, wish.pruned, signal);
    const shot = { window: wish.window, tile };
    this.#kept.set(key, shot);
    this.#cells += wish.window.width * wish.window.height;
    for (const [old, { window }] of this.#kept) {
      if (this.#cells <= mostCells || old === key) break;
      this.#kept.delete(old);
      this.#cells -= window.width * window.height;
    }
    return shot;
  }
}

/** Keeps one question open at a time: a newer wish gives up the older one, and failures are told in words. */
export function tileAsker(
  cache: TileCache,
  came: (shot: Shot) => void,
  failed: (message: string) => void,
): (wish: TileWish | null) => void {
  let open: AbortController | null = null;
  let asked = '';
  return (wish) => {
    if (wish === null) {
      open?.abort();
      open = null;
      asked = '';
      return;
    }
    const key = keyOf(wish);
    if (key === asked) return;
    asked = key;
    open?.abort();
    const mine = new AbortController();
    open = mine;
    cache.ask(wish, mine.signal).then(
      (shot) => {
        if (open === mine) came(shot);
      },
      (error: unknown) => {
        if (open !== mine) return;
        asked = '';
        const { code, message } = failureOf(error);
        if (code !== 'aborted') failed(message);
      },
    );
  };
}

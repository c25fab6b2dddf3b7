import { tileMask } from '../../analyzers/report/tile.ts';
import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { TileWindow } from '../../analyzers/report/tile.ts';
import { tileCanvas } from '../charts/tilePicture.ts';
import type { Session } from '../session.ts';
import { inks } from '../theme.ts';
import { TileCache, type TileWish } from './tiles.ts';

/** Room for the small picture of a layer, in CSS pixels. */
const room = { width: 252, height: 76 } as const;

const cells = (n: number, most: number): { count: number; px: number } => {
  if (n <= most) return { count: n, px: Math.max(1, Math.floor(most / n)) };
  return { count: Math.ceil(n / Math.ceil(n / most)), px: 1 };
};

/** The window of a small picture: whole cells, wide layers across, tall ones cut to the room. */
export function smallWindow(
  rows: number,
  cols: number,
): TileWindow & { readonly px: readonly [number, number] } {
  const down = cells(rows, room.height);
  const across = cells(cols, room.width);
  return {
    rows: [0, rows],
    cols: [0, cols],
    width: across.count,
    height: down.count,
    px: [Math.min(across.px, 16), Math.min(down.px, 16)],
  };
}

/** Small pictures of what is kept, asked for one after the other so that they never crowd out what the user does. */
export function keptPictures(session: Session): {
  /** Draws when the tile is there; `now` false: the run goes on, and its threads are left alone. */
  readonly ask: (layer: LayerReport, canvas: HTMLCanvasElement, now: boolean) => void;
  /** What was asked for and is not drawn yet is no longer wanted. */
  readonly forget: () => void;
} {
  const cache = new TileCache(session);
  let queue: (() => Promise<void>)[] = [];
  let busy = false;
  let stop = new AbortController();
  const next = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    for (let task = queue.shift(); task !== undefined; task = queue.shift()) await task();
    busy = false;
  };
  return {
    ask(layer, canvas, now) {
      const { px, ...window } = smallWindow(layer.rows, layer.cols);
      const wish: TileWish = {
        layer: layer.index,
        pruned: true,
        window,
        version: JSON.stringify(tileMask(layer.prune)),
      };
      const show = (shot: ReturnType<TileCache['get']>): void => {
        if (shot === undefined) return;
        const picture = tileCanvas(shot, inks().ramp);
        canvas.width = picture.width;
        canvas.height = picture.height;
        canvas.getContext('2d')?.drawImage(picture, 0, 0);
        canvas.style.width = `${(picture.width * px[0]).toString()}px`;
        canvas.style.height = `${(picture.height * px[1]).toString()}px`;
        canvas.classList.add('there');
      };
      const kept = cache.get(wish);
      if (kept !== undefined) {
        show(kept);
        return;
      }
      if (!now) return;
      const { signal } = stop;
      queue.push(async () => {
        // A row that was scrolled out of sight meanwhile is asked for when it comes back.
        if (signal.aborted || !canvas.isConnected) return;
        try {
          show(await cache.ask(wish, signal));
        } catch {
          canvas.classList.add('failed');
        }
      });
      requestAnimationFrame(() => void next());
    },
    forget() {
      queue = [];
      stop.abort();
      stop = new AbortController();
    },
  };
}

import type { FrameLocator, Locator } from 'playwright-core';

/** The page of one report, by what stands in it. */
export class ReportPage {
  readonly frame: FrameLocator;

  constructor(frame: FrameLocator) {
    this.frame = frame;
  }

  get heading(): Locator {
    return this.frame.getByRole('heading', { level: 1 });
  }

  get grid(): Locator {
    return this.frame.getByRole('grid', { name: 'Layers' });
  }

  /** The layers' rows in sight, without the whole model's. */
  get rows(): Locator {
    return this.grid.locator('.rows [role=row]');
  }

  names(): Promise<string[]> {
    return this.rows.locator('[role=gridcell]:first-child').allTextContents();
  }

  row(name: string): Locator {
    return this.rows.filter({ has: this.frame.locator(`[role=gridcell][title="${name}"]`) });
  }

  get wholeModel(): Locator {
    return this.grid.getByRole('row').filter({ hasText: 'whole model' });
  }

  columnHead(label: string): Locator {
    return this.grid.getByRole('columnheader').getByRole('button', { name: label });
  }

  /** The text of one cell of a layer's row, by the head of its column. */
  async cell(name: string, column: string): Promise<string> {
    const heads = await this.grid.getByRole('columnheader').allTextContents();
    const at = heads.findIndex((head) => head.startsWith(column));
    return (await this.row(name).getByRole('gridcell').nth(at).textContent()) ?? '';
  }

  /** One row of the ladder: dense, lossless, pruned, shared or coded. */
  step(id: string): Locator {
    return this.frame.getByRole('table', { name: 'Sizes' }).locator(`[data-step=${id}]`);
  }

  async bytes(id: string): Promise<string> {
    return (await this.step(id).getByRole('cell').first().textContent()) ?? '';
  }

  tab(title: string): Locator {
    return this.frame.getByRole('tab', { name: title });
  }

  slider(name: string): Locator {
    return this.frame.getByRole('slider', { name });
  }

  button(name: string | RegExp): Locator {
    return this.frame.getByRole('button', { name });
  }

  /** Every layer is analysed: no row waits, and the report can be exported. */
  async done(): Promise<void> {
    await this.rows.first().waitFor({ timeout: 30_000 });
    await this.frame.locator('button:enabled', { hasText: /^export/ }).waitFor({ timeout: 30_000 });
    await this.grid.locator('.waits').waitFor({ state: 'detached' });
  }

  get filter(): Locator {
    return this.frame.locator('vscode-text-field[placeholder="filter by name or op"] input');
  }

  async select(name: string): Promise<void> {
    await this.row(name).click();
    await this.frame.locator(`[role=row][aria-selected=true]`, { hasText: name }).waitFor();
  }

  /** How many different colours stand in a canvas: a blank one has one. */
  colours(canvas: Locator): Promise<number> {
    return canvas.evaluate((element) => {
      const picture = element as unknown as {
        width: number;
        height: number;
        getContext(kind: '2d'): { getImageData(...box: number[]): { data: Uint8ClampedArray } } | null;
      };
      const pixels = picture.getContext('2d')?.getImageData(0, 0, picture.width, picture.height).data;
      return new Set(pixels === undefined ? [] : new Uint32Array(pixels.buffer)).size;
    });
  }
}

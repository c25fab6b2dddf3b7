import assert from 'node:assert/strict';
import type { Scene } from './scene.ts';

/** Widths of the window, in px: the page has about 350 less. */
const widths = [1440, 1100, 860];

export function layout(scene: Scene): void {
  scene('long names are cut in their middle, and no figure of a budget leaves its place', async (stage) => {
    const { workbench, report } = stage;
    await workbench.openFile('names.onnx');
    await report.done();
    await report.tab('Budget').click();
    const panel = report.frame.getByRole('tabpanel');
    const target = panel.locator('vscode-text-field input');
    await target.fill('6x');
    await target.press('Enter');
    await panel.getByRole('table', { name: 'Choices' }).waitFor({ timeout: 30_000 });
    await report.done();
    await workbench.editorShot('budget-names-dark');
    interface Box {
      readonly className: string;
      readonly scrollTop: number;
      getBoundingClientRect(): { right: number; width: number };
      querySelectorAll(selector: string): Iterable<Box>;
      readonly ownerDocument: { readonly documentElement: Box; readonly body: Box };
    }
    const found = await panel.evaluate((element) => {
      const place = element as unknown as Box;
      const edge = place.getBoundingClientRect().right - 15;
      const outside: string[] = [];
      for (const part of place.querySelectorAll('table, td, .budget-strip, .budget-strip span'))
        if (part.getBoundingClientRect().right > edge) outside.push(part.className);
      // The end of a name stays in sight: what is cut is its middle.
      let tails = 0;
      for (const name of place.querySelectorAll('.name'))
        for (const end of name.querySelectorAll('span:last-child'))
          if (end.getBoundingClientRect().right > name.getBoundingClientRect().right + 1) tails += 1;
      const { documentElement, body } = place.ownerDocument;
      return { outside, tails, scrolled: documentElement.scrollTop + body.scrollTop };
    });
    assert.deepEqual(found, { outside: [], tails: 0, scrolled: 0 });
    assert.match(
      (await panel.getByRole('table', { name: 'Choices' }).textContent()) ?? '',
      /conv23\.pointwise/,
    );
  });

  scene(
    'no column and no control reaches out of its place, in a wide window or a narrow one',
    async (stage) => {
      const { workbench, report } = stage;
      await workbench.openFile('lenet-synthetic.onnx');
      await report.done();
      await report.select('ip1');
      try {
        for (const width of widths) {
          await workbench.page.setViewportSize({ width, height: 900 });
          await workbench.page.waitForTimeout(300);
          const outside = await report.grid.evaluate((grid) => {
            const page = grid as unknown as { ownerDocument: Document };
            const found: string[] = [];
            const check = (what: string, inner: Iterable<Box>, outer: Box): void => {
              for (const element of inner) {
                const [box, room] = [element.getBoundingClientRect(), outer.getBoundingClientRect()];
                if (box.width > 0 && (box.right > room.right + 1 || box.left < room.left - 1))
                  found.push(`${what} ${element.textContent ?? ''}`);
              }
            };
            interface Box {
              readonly textContent: string | null;
              getBoundingClientRect(): { left: number; right: number; width: number };
              querySelectorAll(selector: string): Iterable<Box>;
            }
            interface Document {
              readonly documentElement: Box;
              querySelectorAll(selector: string): Iterable<Box>;
            }
            const all = page.ownerDocument;
            const list = grid as unknown as Box;
            check('column', list.querySelectorAll('[role=columnheader]'), list);
            for (const part of ['header', '.ladder', '.detail'])
              for (const room of all.querySelectorAll(part))
                check(part, room.querySelectorAll('button, [role=slider], [role=cell]'), room);
            return found;
          });
          assert.deepEqual(outside, [], `${width.toString()} px`);
          await workbench.shot(`width-${width.toString()}`);
        }
      } finally {
        await workbench.page.setViewportSize({ width: 1440, height: 900 });
      }
    },
  );
}

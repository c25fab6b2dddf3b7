import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type FrameLocator, type Locator, type Page } from 'playwright-core';
import type { Report } from '../../analyzers/report/report.ts';
import { hostTools, type Host } from './host.ts';
import { waitFor } from './waitFor.ts';

const switches =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'.split(
    ' ',
  );

/** Names in VS Code's picker, and the class that the workbench then has. */
export const themes = {
  dark: { label: 'Dark Modern', kind: 'vs-dark' },
  light: { label: 'Light Modern', kind: 'vs' },
  'hc-dark': { label: 'Dark High Contrast', kind: 'hc-black' },
  'hc-light': { label: 'Light High Contrast', kind: 'hc-light' },
} as const;

/** One VS Code and one page of it, driven as a user would: by what stands on the screen. */
export class Workbench {
  readonly page: Page;
  readonly folder: string;
  /** What `--list-extensions` said after the .vsix was installed; empty when the project itself was linked in. */
  readonly installed: readonly string[];
  readonly #host: Host;
  readonly #browser: Browser;
  readonly #dataDir: string;

  private constructor(made: {
    host: Host;
    browser: Browser;
    page: Page;
    folder: string;
    dataDir: string;
    installed: readonly string[];
  }) {
    this.page = made.page;
    this.folder = made.folder;
    this.installed = made.installed;
    this.#host = made.host;
    this.#browser = made.browser;
    this.#dataDir = made.dataDir;
  }

  /** Starts VS Code on `folder` with the packaged extension (or this project, when there is no package) and opens its page. */
  static async open(folder: string, { trust = false } = {}): Promise<Workbench> {
    const tools = await hostTools();
    const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'workbench-'));
    const vsix = process.env['SLIMSCOPE_VSIX'];
    const installed = vsix === undefined ? [] : await tools.installVsix(vsix, dataDir);
    const extension = vsix === undefined ? (process.env['SLIMSCOPE_EXTENSION'] ?? process.cwd()) : null;
    const host = await tools.startHost({ port: await tools.freePort(), folder, extension, dataDir, trust });
    const browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: switches,
    });
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const workbench = new Workbench({ host, browser, page, folder, dataDir, installed });
    await page.goto(host.url, { waitUntil: 'domcontentloaded' });
    await workbench.ready();
    return workbench;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#host.stop();
    fs.rmSync(this.#dataDir, { recursive: true, force: true });
  }

  /** The status bar item is the last thing that the extension makes: before it, a file would open as text. */
  async ready(): Promise<void> {
    await this.status.waitFor({ timeout: 60_000 });
  }

  /** VS Code's own reload, which writes down what is open first. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('domcontentloaded', { timeout: 30_000 });
    await this.runCommand('Developer: Reload Window');
    await loaded;
    await this.ready();
  }

  get status(): Locator {
    return this.page.locator('.statusbar-item', { hasText: 'Slimscope' }).first();
  }

  /** The inside of the report that is shown; VS Code puts a page into two frames. */
  get report(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').last().frameLocator('#active-frame');
  }

  /** Through VS Code's own picker: it may overlook that its settings file was rewritten. */
  async setTheme(theme: keyof typeof themes): Promise<void> {
    const { label, kind } = themes[theme];
    await this.runCommand('Preferences: Color Theme');
    await this.quickPick('Light Modern').waitFor();
    await this.input.fill(label);
    await this.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${label}"]`).first().click();
    await this.page.locator(`.monaco-workbench.${kind}`).waitFor();
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  explorerRow(name: string): Locator {
    return this.page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`).first();
  }

  async openFile(name: string): Promise<void> {
    await this.explorerRow(name).dblclick();
  }

  /**
   * Right-click on a file, then an entry of its menu. VS Code ignores clicks just after a menu opens, and closes one
   * when the explorer is drawn anew, as after a file was written: so both are repeated.
   */
  async chooseFromMenu(name: string, entry: string): Promise<void> {
    const item = this.page.locator('.monaco-menu .action-item', { hasText: entry }).first();
    for (let attempt = 1; ; attempt++) {
      await this.explorerRow(name).click({ button: 'right' });
      const opened = await item.waitFor({ timeout: attempt < 4 ? 3000 : 15_000 }).then(
        () => true,
        (error: unknown) => {
          if (attempt >= 4) throw error;
          return false;
        },
      );
      if (opened) break;
      await this.page.keyboard.press('Escape');
    }
    for (let attempt = 0; attempt < 10 && (await item.isVisible()); attempt++) {
      await this.page.waitForTimeout(250);
      await item.click({ timeout: 2000 }).catch(() => undefined);
      await item.waitFor({ state: 'detached', timeout: 1500 }).catch(() => undefined);
    }
  }

  get input(): Locator {
    return this.page.locator('.quick-input-widget input.input');
  }

  quickPick(text: string | RegExp): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  }

  /** By its whole title: what the palette lists first may be another command. */
  async runCommand(title: string): Promise<void> {
    await this.#repeat(async () => {
      await this.page.keyboard.press('F1');
      await this.input.fill(`>${title}`, { timeout: 5000 });
      const row = this.page.locator(`.quick-input-list .monaco-list-row[aria-label^="${title}"]`);
      await row.first().click({ timeout: 5000 });
    });
  }

  /** A command that asks, and the answer. */
  async runAndChoose(title: string, answer: string): Promise<void> {
    await this.#repeat(async () => {
      await this.runCommand(title);
      await this.quickPick(answer).click({ timeout: 5000 });
    });
  }

  /** A list of choices closes when a page that has just been shown takes the focus: then it is asked for again. */
  async #repeat(action: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt += 1)
      try {
        await action();
        return;
      } catch (error) {
        if (attempt === 3) throw error;
        await this.page.keyboard.press('Escape');
      }
  }

  /** The place that a save dialog proposes, once it has settled. */
  async proposedPlace(ending: string): Promise<string> {
    const proposed = (): Promise<string> => this.input.inputValue({ timeout: 2000 }).catch(() => '');
    let target = '';
    await waitFor('the proposed place', async () => {
      const before = await proposed();
      await this.page.waitForTimeout(250);
      target = await proposed();
      return target === before && target.endsWith(ending);
    });
    return target;
  }

  /** Of the dialog for files. */
  async pressOk(): Promise<void> {
    await this.page.locator('.quick-input-widget .monaco-button', { hasText: 'OK' }).click();
  }

  /** Leaves a dialog for files; the first press may only take back what it says. */
  async dismiss(): Promise<void> {
    const dialog = this.page.locator('.quick-input-widget');
    for (let attempt = 0; attempt < 4 && (await dialog.isVisible()); attempt += 1) {
      await this.input.press('Escape');
      await this.page.waitForTimeout(250);
    }
    await dialog.waitFor({ state: 'hidden' });
  }

  /** Takes the place that a save dialog proposes, and returns it. */
  async acceptSave(ending: string): Promise<string> {
    const target = await this.proposedPlace(ending);
    await this.pressOk();
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    return target;
  }

  editorTab(name: string): Locator {
    return this.page.locator('.tabs-container .tab', { hasText: name }).first();
  }

  /** A view container of the activity bar. */
  async openView(name: string): Promise<void> {
    const item = this.page.locator(`.activitybar .action-item`, {
      has: this.page.locator(`.action-label[aria-label^="${name}"]`),
    });
    if (!/checked/.test((await item.getAttribute('class')) ?? '')) await item.click();
    await this.page.locator('.sidebar .composite.title', { hasText: new RegExp(name, 'i') }).waitFor();
  }

  /** Without editors, menus and messages, whatever came before. */
  async reset(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.runCommand('View: Close All Editors');
    await this.page.locator('iframe.webview').first().waitFor({ state: 'detached' });
    await this.runCommand('Notifications: Clear All Notifications');
  }

  /** What stands in a file, or nothing when it is not there yet. */
  read(file: string): string {
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  }

  /** The report of `slimscope analyze`, run in the folder of this workbench. */
  commandLine(args: readonly string[]): Report {
    const cli = path.resolve('dist/cli.cjs');
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [cli, 'analyze', ...args, '--format', 'json'],
      { cwd: this.folder, encoding: 'utf8', maxBuffer: 1 << 26 },
    );
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as Report;
  }

  get toasts(): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item-message');
  }

  async shot(name: string): Promise<void> {
    await this.page.screenshot({ path: place(name) });
  }

  /** Of the editors alone. */
  async editorShot(name: string): Promise<void> {
    await this.page.locator('.part.editor').screenshot({ path: place(name) });
  }
}

function place(name: string): string {
  fs.mkdirSync('out/shots', { recursive: true });
  return `out/shots/${name}.png`;
}

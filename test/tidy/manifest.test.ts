import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { formats } from '../../analyzers/formats/index.ts';
import { presets } from '../../analyzers/report/presets.ts';
import { commandIds } from '../../extension/commands/table.ts';
import { settings, settingsFrom } from '../../extension/settings.ts';

const root = process.cwd();

interface Manifest {
  readonly main: string;
  readonly engines: { readonly vscode: string };
  readonly activationEvents: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly supported: string; readonly restrictedConfigurations: string[] };
  };
  readonly contributes: {
    readonly commands: readonly { command: string; title: string; category?: string }[];
    readonly customEditors: readonly {
      viewType: string;
      priority: string;
      selector: { filenamePattern: string }[];
    }[];
    readonly menus: Readonly<Record<string, readonly { command: string; when?: string }[]>>;
    readonly viewsContainers: { readonly activitybar: readonly { id: string; icon: string }[] };
    readonly views: Readonly<Record<string, readonly { id: string; icon: string }[]>>;
    readonly viewsWelcome: readonly { view: string; contents: string }[];
    readonly configuration: {
      readonly properties: Readonly<
        Record<string, { default: unknown; enum?: string[]; markdownDescription?: string }>
      >;
    };
  };
}

const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
const { contributes } = manifest;
const contributed = contributes.commands.map(({ command }) => command);

test('the manifest contributes exactly the commands that are registered', () => {
  assert.deepEqual(contributed.toSorted(), [...commandIds].toSorted());
});

test('every command stands under the category Slimscope, and the first is called as documented', () => {
  for (const command of contributes.commands) assert.equal(command.category, 'Slimscope', command.command);
  assert.equal(contributes.commands[0]?.title, 'Analyze Model Compression');
});

test('menus, welcome links and views name only commands and views that exist', () => {
  const views = Object.values(contributes.views).flatMap((group) => group.map(({ id }) => id));
  for (const [menu, items] of Object.entries(contributes.menus))
    for (const item of items) assert.ok(contributed.includes(item.command), `${menu}: ${item.command}`);
  for (const { view, contents } of contributes.viewsWelcome) {
    assert.ok(views.includes(view), view);
    const links = [...contents.matchAll(/\(command:([^)?]+)/g)].map((match) => match[1]);
    assert.ok(links.length > 0);
    for (const link of links) assert.ok(contributed.includes(link ?? ''), link);
  }
});

test('every file pattern that a format reads opens as the report', () => {
  const editor = contributes.customEditors.find(({ viewType }) => viewType === 'slimscope.report');
  const selected = editor?.selector.map(({ filenamePattern }) => filenamePattern).toSorted();
  assert.deepEqual(selected, formats.flatMap(({ patterns }) => patterns).toSorted());
  assert.equal(editor?.priority, 'default');
});

test('the explorer menu offers the analysis for every file pattern that a format reads', () => {
  const when = contributes.menus['explorer/context']?.find(
    ({ command }) => command === 'slimscope.analyze',
  )?.when;
  const source = /resourceExtname =~ \/(.*)\/i/.exec(when ?? '')?.[1];
  assert.ok(source !== undefined, when);
  const extension = new RegExp(source, 'i');
  for (const pattern of formats.flatMap(({ patterns }) => patterns))
    assert.match(path.extname(pattern.replace('*', 'model')), extension);
  assert.doesNotMatch('.txt', extension);
});

test('every setting is documented in the manifest, with the default that the code falls back to', () => {
  const { properties } = contributes.configuration;
  const keys = Object.keys(settings).map((key) => `slimscope.${key}`);
  assert.deepEqual(Object.keys(properties).toSorted(), keys.toSorted());
  const fallback = new Map<string, unknown>(Object.entries(settingsFrom(() => undefined)));
  for (const [key, property] of Object.entries(properties)) {
    assert.ok((property.markdownDescription ?? '').length > 40, key);
    assert.equal(property.default, fallback.get(key.slice('slimscope.'.length)), key);
  }
});

test('the preset setting offers exactly the presets that exist', () => {
  assert.deepEqual(contributes.configuration.properties['slimscope.preset']?.enum, Object.keys(presets));
});

test('a workspace that is not trusted cannot set threads or limits', () => {
  const { untrustedWorkspaces } = manifest.capabilities;
  assert.equal(untrustedWorkspaces.supported, 'limited');
  assert.deepEqual(untrustedWorkspaces.restrictedConfigurations.toSorted(), [
    'slimscope.maxRemoteMegabytes',
    'slimscope.threads',
  ]);
});

test('the icons that the manifest names are there and take their colour from the theme', () => {
  const icons = [
    ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
    ...Object.values(contributes.views).flatMap((group) => group.map(({ icon }) => icon)),
  ];
  assert.ok(icons.length > 0);
  for (const icon of icons)
    assert.match(fs.readFileSync(path.join(root, icon), 'utf8'), /currentColor/, icon);
});

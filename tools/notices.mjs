// The licences of what is bundled: every package of which something is left in a product, with its own words.
import fs from 'node:fs';
import path from 'node:path';

const licenceFile = /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i;

/** Folders of the packages that the products hold, by esbuild's metafiles. */
function packagesOf(metafiles) {
  const folders = new Set();
  for (const { outputs } of metafiles)
    for (const { inputs } of Object.values(outputs))
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
        if (folder !== undefined && bytesInOutput > 0) folders.add(folder);
      }
  return [...folders].toSorted((a, b) => (a < b ? -1 : 1));
}

function notice(folder) {
  const { name, version, license } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const files = fs.readdirSync(folder).filter((file) => licenceFile.test(file));
  const texts = files.map((file) => fs.readFileSync(path.join(folder, file), 'utf8').trim());
  return [`${name} ${version}, licence ${license}`, ...texts].join('\n\n');
}

/** The text of dist/NOTICES.txt. `root` is where the metafiles' paths start. */
export function noticesText(root, metafiles) {
  const notices = packagesOf(metafiles).map((folder) => notice(path.join(root, folder)));
  const rule = `\n\n${'-'.repeat(72)}\n\n`;
  return `Slimscope holds parts of these packages.${rule}${notices.join(rule)}\n`;
}

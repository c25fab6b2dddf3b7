// node tools/makeSamples.mjs [FOLDER]: writes the sample models, the same bytes every time. Their weights are synthetic.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { keyword, lenet, mobile } from './samples/nets.mjs';

const samples = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../samples');
const folder = path.resolve(process.argv[2] ?? samples);

fs.mkdirSync(folder, { recursive: true });
for (const [name, bytes] of Object.entries({ ...lenet(), ...mobile(), ...keyword() })) {
  fs.writeFileSync(path.join(folder, name), bytes);
  process.stdout.write(`${name}: ${bytes.length.toLocaleString('en')} bytes\n`);
}

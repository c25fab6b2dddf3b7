// npm run bench [-- kernels | formats | eie | peers]
import { eie } from './eie.mjs';
import { formats } from './formats.mjs';
import { kernels } from './kernels.mjs';
import { peers } from './peers.mjs';

const benches = { kernels, formats, eie, peers };

export async function bench(args) {
  const unknown = args.filter((name) => !Object.hasOwn(benches, name));
  if (unknown.length > 0)
    throw new Error(`There is no bench ${unknown.join(', ')}: ${Object.keys(benches).join(', ')}.`);
  for (const name of args.length > 0 ? args : Object.keys(benches)) await benches[name]();
}

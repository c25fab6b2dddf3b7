// Stands in for fast-check in the tests of npm run test:long: many times the cases, from a seed that is new each time
// (fast-check prints it when a case fails).
import { createRequire } from 'node:module';

const fc = createRequire(import.meta.url)('fast-check');
const times = Number(process.env.SLIMSCOPE_RUNS ?? '20');

const assert = (property, { seed: _fixed, path: _path, numRuns = 100, ...rest } = {}) =>
  fc.assert(property, { ...rest, numRuns: numRuns * times });

export default { ...fc, assert };

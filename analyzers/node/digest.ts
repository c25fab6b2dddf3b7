import { createHash } from 'node:crypto';
import type { Digest } from '../run/census.ts';

export function sha256(): Digest {
  const hash = createHash('sha256');
  return {
    update: (bytes) => void hash.update(bytes),
    finish: () => hash.digest('hex'),
  };
}

import type { ByteSource, OpenSource, SourceRef } from './source.ts';

/** The files of one model, opened on first use and closed together. The index is that of Model.sources. */
export interface Sources {
  at(index: number): Promise<ByteSource>;
  close(): Promise<void>;
}

export function openSources(refs: readonly SourceRef[], open: OpenSource): Sources {
  const opened = new Map<number, Promise<ByteSource>>();
  return {
    at(index) {
      const ref = refs[index];
      if (ref === undefined) return Promise.reject(new RangeError(`no source ${index.toString()}`));
      const source = opened.get(index) ?? open(ref);
      opened.set(index, source);
      return source;
    },
    async close() {
      const all = await Promise.allSettled(opened.values());
      opened.clear();
      await Promise.all(all.flatMap((one) => (one.status === 'fulfilled' ? [one.value.close()] : [])));
    },
  };
}

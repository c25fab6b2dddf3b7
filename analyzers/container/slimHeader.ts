import { codedLayerOf } from '../analyses/encodeLayer.ts';
import type { Settled } from '../analyses/settleLayer.ts';
import type { SlimHeader, SlimLayer, SlimPart, SlimStream } from '../formats/slim/header.ts';
import { paddedTo8 } from '../model/codedElements.ts';
import type { Model } from '../model/model.ts';
import { pruneText } from '../report/pruneRules.ts';
import { shareText } from '../report/rules.ts';
import type { Layout, Part } from './layout.ts';

/** The header of a container of these layers, whole but for the checksums, which are 0. */
export function draftHeader(
  model: Pick<Model, 'name' | 'format'>,
  layout: Layout,
  layers: readonly Settled[],
  tool: string,
): SlimHeader {
  let end = 0;
  const place = (bytes: number): SlimStream => {
    const offset = end;
    end += paddedTo8(bytes);
    return { offset, bytes, crc: 0 };
  };
  const parts = layout.files.flatMap((file) => file.parts);
  const skeleton = place(parts.reduce((sum, part) => sum + (part.kind === 'weights' ? 0 : part.bytes), 0));
  return {
    tool,
    model: { name: model.name, format: model.format },
    files: layout.files.map((file) => ({ ...file, parts: partsOf(file.parts) })),
    skeleton,
    layers: layers.map((settled) => layerOf(settled, place)),
  };
}

/** Parts of a file; what is carried is in the skeleton, so neighbours of it are one. */
function partsOf(parts: readonly Part[]): readonly SlimPart[] {
  const all: SlimPart[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (part.kind === 'weights') {
      const { layer, first, count, bytes, written } = part;
      all.push({ layer, first, count, bytes, written });
    } else if (last !== undefined && 'copy' in last) all[all.length - 1] = { copy: last.copy + part.bytes };
    else all.push({ copy: part.bytes });
  }
  return all;
}

function layerOf(settled: Settled, place: (bytes: number) => SlimStream): SlimLayer {
  const { layer, rule } = settled;
  const all = codedLayerOf(settled);
  // Elements as they are need no codebook, even where the layer was shared.
  const coded = all.form === 'raw' || all.form === 'lossless' ? { ...all, share: null } : all;
  return {
    name: layer.name,
    tensor: layer.weight.name,
    dtype: layer.weight.dtype,
    shape: layer.weight.shape,
    done: `prune ${pruneText(rule.prune)}, share ${shareText(rule.share)}`,
    checksum: 0,
    coded,
    streams: coded.streams.map(({ bits }) => place(Math.ceil(bits / 8))),
  };
}

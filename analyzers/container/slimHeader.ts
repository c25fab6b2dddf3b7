import type { Settled } from '../analyses/settleLayer.ts';
import { codedLayerOfForm, slimFormOf } from '../analyses/slimForm.ts';
import {
  slimSizeOf,
  type SlimHeader,
  type SlimLayer,
  type SlimPart,
  type SlimStream,
} from '../formats/slim/header.ts';
import { paddedTo8 } from '../model/codedElements.ts';
import type { Frame, Run } from '../model/frame.ts';
import type { Model } from '../model/model.ts';
import { elementsOf } from '../model/tensor.ts';
import type { LayerReport, SlimLayerForm } from '../report/layerReport.ts';
import { layoutIn, type Layout, type Part, type Placed } from './layout.ts';

/** What a header is written from of a layer. */
export type HeaderLayer = Pick<SlimLayer, 'name' | 'tensor' | 'dtype' | 'shape'> & {
  readonly form: SlimLayerForm;
};

/** The header of a container of these layers, whole but for the checksums, which are 0. */
export function draftHeader(
  model: Pick<Model, 'name' | 'format'>,
  layout: Layout,
  layers: readonly HeaderLayer[],
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
    layers: layers.map((layer) => layerOf(layer, place)),
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

function layerOf({ form, ...layer }: HeaderLayer, place: (bytes: number) => SlimStream): SlimLayer {
  const coded = codedLayerOfForm(form, elementsOf(layer.shape), layer.dtype);
  return {
    ...layer,
    done: form.done,
    checksum: 0,
    coded,
    streams: coded.streams.map(({ bits }) => place(Math.ceil(bits / 8))),
  };
}

export function headerLayerOf(settled: Settled): HeaderLayer {
  const { name, weight } = settled.layer;
  const { dtype, shape } = weight;
  return { name, tensor: weight.name, dtype, shape, form: slimFormOf(settled, []) };
}

/**
 * Bytes of the container that would be written of these reports, to the byte, or null when nothing could be: a layer's
 * weights could not be read.
 */
export function slimBytesOf(frame: Frame, reports: readonly LayerReport[], tool: string): number | null {
  const placed: Placed[] = [];
  const layers: HeaderLayer[] = [];
  for (const { layer, runs, around } of frame.layers) {
    const report = reports[layer];
    const form = report?.encode?.slim;
    if (report === undefined) return null;
    if (form === undefined && !report.problems.some(({ code }) => code === 'weights/malformed')) return null;
    if (form === undefined || form.stored === null) continue;
    const { name, tensor, dtype, shape } = report;
    if (tensor === null || dtype === 'unknown') return null;
    layers.push({ name, tensor, dtype, shape, form });
    placed.push({ runs: runs.map((run, i) => ({ ...run, ...writtenOver(run, form.stored?.[i]) })), around });
  }
  return slimSizeOf(draftHeader(frame, layoutIn(frame, placed), layers, tool));
}

const writtenOver = ({ written }: Run, stored: { bytes: number; pad: number } | undefined): Partial<Run> =>
  stored === undefined ? {} : { bytes: stored.bytes, written: { ...written, pad: stored.pad } };

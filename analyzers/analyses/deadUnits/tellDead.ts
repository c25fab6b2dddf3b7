import { dtypeBits } from '../../model/dtype.ts';
import type { Layer } from '../../model/layer.ts';
import type { Problem } from '../../model/problem.ts';
import type { LayerDead } from '../../report/deadUnits.ts';
import type { LayerReport } from '../../report/layerReport.ts';
import { counted, bytesText, countText, numberText } from '../../report/units.ts';
import type { ClassifiedLayer } from './classify.ts';
import type { FollowedLayer } from './follow.ts';

/** What goes with the dead units of a layer. `layers` and `reports` by the layers' index. */
export function deadOf(
  found: ClassifiedLayer,
  layers: readonly Layer[],
  reports: readonly LayerReport[],
): LayerDead {
  const { layer, rows, readers } = found;
  const own = layers[layer.step.layer]!;
  const bits = dtypeBits[own.weight.dtype];
  return {
    silent: found.silent,
    constant: found.constant,
    unread: found.unread,
    refused: found.refused,
    reasons: found.reasons,
    refusedError: found.refusedError,
    rows: {
      count: rows.length,
      denseBits: rows.length * own.cols * bits,
      codedBits: codedBits(reports[own.index], rows.length * own.cols, weightsOf(layer, 'row', rows)),
    },
    readers: [...readers].map(([reader, places]) => {
      const { index, name, rows: height, weight } = layers[reader.step.layer]!;
      const elements = places.length * reader.step.positions * height;
      return {
        layer: index,
        name,
        cols: places.length * reader.step.positions,
        denseBits: elements * dtypeBits[weight.dtype],
        codedBits: codedBits(reports[index], elements, weightsOf(reader, 'channel', places)),
      };
    }),
  };
}

const weightsOf = ({ counts }: FollowedLayer, kind: 'row' | 'channel', places: readonly number[]): number => {
  const all = kind === 'row' ? counts?.rowWeights : counts?.channelWeights;
  return places.reduce((sum, place) => sum + (all?.[place] ?? 0), 0);
};

/**
 * What these elements take in the layer's streams, tables apart: of a sparse form the share of its kept weights that
 * they are, each with its gap, of another form their share of all elements.
 */
function codedBits(report: LayerReport | undefined, elements: number, kept: number): number {
  const slim = report?.encode?.slim;
  if (slim === undefined || report?.prune === null) return 0;
  const bits = slim.streams.reduce(
    (sum, stream) =>
      stream.kind === 'codebook' || stream.kind === 'code-table' || stream.kind === 'run-table'
        ? sum
        : sum + stream.bits,
    0,
  );
  const of = slim.form === 'relative' ? report!.prune.kept : report!.weights;
  return of === 0 ? 0 : Math.round((bits * (slim.form === 'relative' ? kept : elements)) / of);
}

const sizeText = ({
  denseBits,
  codedBits: coded,
}: LayerDead['rows'] | LayerDead['readers'][number]): string =>
  `${bytesText(denseBits / 8)} dense, ${bytesText(coded / 8)} coded`;

/** What is said of it; null when there is nothing to say. */
export function deadUnitsProblem(layer: Layer, dead: LayerDead): Problem | null {
  const { rows, refused } = dead;
  if (rows.count === 0 && refused === 0) return null;
  const parts = [
    dead.silent > 0 ? `${countText(dead.silent)} always 0` : null,
    dead.constant > 0 ? `${countText(dead.constant)} constant and folded into what reads them` : null,
    dead.unread > 0 ? `${countText(dead.unread)} read by no weight` : null,
  ].filter((part) => part !== null);
  const lines: string[] = [];
  if (rows.count > 0) {
    lines.push(
      `${layer.name}: ${countText(rows.count)} of ${counted(layer.rows, 'output')} can go without a change: ${parts.join(', ')}.`,
      `That removes ${rows.count === 1 ? 'its row' : 'their rows'} (${sizeText(rows)})${dead.readers
        .map((reader) => ` and ${counted(reader.cols, 'column')} of ${reader.name} (${sizeText(reader)})`)
        .join('')}; exporting without dead units leaves ${rows.count === 1 ? 'it' : 'them'} out.`,
    );
  }
  if (refused > 0) {
    const error =
      dead.refusedError === null ? '' : ` (an output would change by up to ${numberText(dead.refusedError)})`;
    lines.push(
      `${rows.count > 0 ? '' : `${layer.name}: `}${counted(refused, 'constant output stays', 'constant outputs stay')}${error}: ${dead.reasons.slice(0, 3).join('; ')}.`,
    );
  }
  return {
    severity: 'note',
    code: 'analysis/dead-units',
    message: lines.join(' '),
    at: { file: null, tensor: layer.tensorIndex === null ? null : layer.weight.name, offset: null },
  };
}

import type { LayerReport } from '../../analyzers/report/layerReport.ts';
import type { CoderSize, CoderStudy } from '../../analyzers/report/studies.ts';

export interface CoderRow {
  readonly label: string;
  readonly bits: number;
  /** Of the longest bar that is drawn, at most 1: a bar that is cut off says so. */
  readonly share: number;
  readonly isCut: boolean;
  readonly basis: CoderSize['basis'];
  /** 'coded', 'in .slim', 'least' */
  readonly signs: readonly string[];
}

export interface CoderGroup {
  readonly of: CoderSize['of'];
  readonly title: string;
  readonly rows: readonly CoderRow[];
}

const titles: Readonly<Record<CoderSize['of'], string>> = {
  streams: 'codes and runs',
  matrix: 'the matrix with indices',
  'dense bytes': 'bytes of the dense weights',
};
const order = ['streams', 'matrix', 'dense bytes'] as const;

/** Bars longer than this many times the coded layer are cut: the dense one would make the others alike. */
const mostOfCoded = 2;

/** Every coder of a layer, the smallest of each kind first. */
export function coderGroups({ sizes }: CoderStudy, layer: LayerReport): readonly CoderGroup[] {
  const bits = layer.encode?.bits;
  const written = slimId(layer);
  const encoded = sizes.filter(({ basis }) => basis === 'encoded').map((size) => size.bits);
  const least = Math.min(...encoded);
  const scale = Math.max(
    1,
    Math.min(
      Math.max(...sizes.map((size) => size.bits)),
      mostOfCoded * (bits?.coded ?? Number.POSITIVE_INFINITY),
    ),
  );
  return order.flatMap((of) => {
    const rows = sizes
      .filter((size) => size.of === of)
      .toSorted((a, b) => a.bits - b.bits)
      .map((size): CoderRow => ({
        label: size.label,
        bits: size.bits,
        share: Math.min(1, size.bits / scale),
        isCut: size.bits > scale,
        basis: size.basis,
        signs: [
          ...(size.bits === bits?.coded && size.id === codedId(layer) ? ['coded'] : []),
          ...(size.id === written ? ['in .slim'] : []),
          ...(size.basis === 'encoded' && size.bits === least ? ['least'] : []),
        ],
      }));
    return rows.length === 0 ? [] : [{ of, title: titles[of], rows }];
  });
}

const codedId = ({ encode }: LayerReport): string =>
  encode?.form === 'dense' ? 'dense-huffman' : 'padding-huffman';

/** The form that the encoder writes. */
function slimId({ encode }: LayerReport): string | null {
  if (encode === null || encode.slim.form === 'raw') return null;
  if (encode.slim.form === 'lossless') return 'planes-huffman';
  if (encode.slim.form === 'dense') return 'dense-huffman';
  return `${encode.slim.runs ?? 'escape'}-huffman`;
}

/** How much the escape symbol saves over padding, in bits; null when one of them is not there. Negative: padding is smaller. */
export function escapeGain({
  sizes,
}: CoderStudy): { readonly padding: number; readonly escape: number } | null {
  const padding = sizes.find(({ id }) => id === 'padding-huffman');
  const escape = sizes.find(({ id }) => id === 'escape-huffman');
  return padding === undefined || escape === undefined
    ? null
    : { padding: padding.bits, escape: escape.bits };
}

import { plain } from './clean.ts';
import type { Column } from './layerTable.ts';
import type { EncodedBits } from './layerReport.ts';
import type { Totals } from './report.ts';
import { bitsAsBytesText, countText, numberText, percentText } from './units.ts';

/**
 * The columns of Deep Compression's tables 2 to 5 (Han, Mao and Dally 2016), in their order: P is pruning, Q weight
 * sharing, H Huffman coding. The papers' sizes (`codedPaper`) leave out the code tables; the last two columns have
 * them. Weights are 100 % of the dense layer as stored.
 */
export const paperColumns: readonly Column[] = [
  {
    ...column('layer', 0),
    align: 'left',
    fromFile: true,
    cell: ({ name }) => plain(name),
    total: () => 'total',
  },
  {
    ...column('#weights', 2),
    cell: ({ weights }) => countText(weights),
    total: ({ weights }) => countText(weights),
  },
  {
    ...column('weights% (P)', 1),
    cell: ({ prune, encode }) =>
      prune === null || encode === null ? 'not read' : percentText(prune.density),
    total: ({ density }) => (density === null ? '' : percentText(density)),
  },
  {
    ...column('weight bits (P+Q)', 5),
    cell: ({ share, encode }) => (encode === null ? '' : share === null ? 'stored' : share.bits.toString()),
  },
  {
    ...column('weight bits (P+Q+H)', 5),
    cell: ({ encode }) => bitsCell(encode?.codeBitsMean),
  },
  {
    ...column('index bits (P+Q)', 6),
    cell: ({ encode }) => (encode?.form === 'dense' ? 'none' : (encode?.indexBits?.toString() ?? '')),
  },
  {
    ...column('index bits (P+Q+H)', 6),
    cell: ({ encode }) => bitsCell(encode?.indexBitsMean),
  },
  rate('rate (P+Q)', 3, 'shared'),
  rate('rate (P+Q+H)', 1, 'codedPaper'),
  rate('with code tables', 4, 'coded'),
  rate('in .slim', 4, 'slim'),
];

/** What the columns mean, in one sentence for below the table. */
export const paperNote =
  'P: pruning, Q: weight sharing, H: Huffman coding. A rate (compress rate) is what is left, of the dense weights as stored; the paper counts no code tables, and its networks were retrained.';

/** 'P+Q 95.3 kB, P+Q+H 71.2 kB (with code tables 71.3 kB, in .slim 70.1 kB) of 1.72 MB': what the rates are of. */
export function paperSizes({ bits }: Pick<Totals, 'bits'>): string {
  const [shared, paper, coded, slim, dense] = (
    ['shared', 'codedPaper', 'coded', 'slim', 'dense'] as const
  ).map((key) => bitsAsBytesText(bits[key]));
  return `P+Q ${shared ?? ''}, P+Q+H ${paper ?? ''} (with code tables ${coded ?? ''}, in .slim ${slim ?? ''}) of ${dense ?? ''}`;
}

function column(head: string, rank: number): Column {
  return { head, align: 'right', fromFile: false, rank, cell: () => '', total: () => '' };
}

function rate(head: string, rank: number, key: keyof EncodedBits): Column {
  return {
    ...column(head, rank),
    cell: ({ encode }) =>
      encode === null || encode.bits.dense === 0 ? '' : percentText(encode.bits[key] / encode.bits.dense),
    total: ({ bits, weights }) => (weights === 0 ? '' : percentText(bits[key] / bits.dense)),
  };
}

const bitsCell = (bits: number | null | undefined): string =>
  bits === null || bits === undefined ? '' : numberText(bits);

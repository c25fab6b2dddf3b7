import { plain } from './clean.ts';
import type { Column } from './layerTable.ts';
import type { EncodedBits } from './layerReport.ts';
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
  rate('compress rate (P+Q)', 3, 'shared'),
  rate('compress rate (P+Q+H)', 1, 'codedPaper'),
  rate('with code tables', 4, 'coded'),
  rate('in .slim', 4, 'slim'),
];

/** What the columns mean, in one sentence for below the table. */
export const paperNote =
  'P: pruning, Q: weight sharing, H: Huffman coding. A compress rate is what is left, of the dense weights as stored; the paper counts no code tables, and its networks were retrained.';

function column(head: string, rank: number): Column {
  return { head, align: 'right', fromFile: false, rank, cell: () => '', total: () => '' };
}

function rate(head: string, rank: number, key: keyof EncodedBits): Column {
  return {
    ...column(head, rank),
    cell: ({ encode }) =>
      encode === null || encode.bits.dense === 0 ? '' : percentText(encode.bits[key] / encode.bits.dense),
    total: ({ bits, weights }) =>
      weights === 0
        ? ''
        : `${percentText(bits[key] / bits.dense)} (${bitsAsBytesText(bits[key])} of ${bitsAsBytesText(bits.dense)})`,
  };
}

const bitsCell = (bits: number | null | undefined): string =>
  bits === null || bits === undefined ? '' : numberText(bits);

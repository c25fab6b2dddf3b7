/** What the papers' tables say of a layer. */
export interface PublishedLayer {
  readonly name: string;
  readonly weights: number;
  readonly density: number;
  readonly codeBits: number;
  readonly codeBitsHuffman: number;
  readonly indexBits: number;
  readonly indexBitsHuffman: number;
}

/**
 * Sizes of a layer whose kept weights stand at independent places: kept / (1 - (1 - density)^stride) entries.
 * Codebooks of 2^bits single floats; no code tables, as the papers count.
 */
export function closedForm(layer: PublishedLayer): { entries: number; shared: number; coded: number } {
  const { weights, density, codeBits, codeBitsHuffman, indexBits, indexBitsHuffman } = layer;
  const entries = (weights * density) / (1 - (1 - density) ** (2 ** indexBits));
  const codebook = 2 ** codeBits * 32;
  return {
    entries,
    shared: entries * (codeBits + indexBits) + codebook,
    coded: entries * (codeBitsHuffman + indexBitsHuffman) + codebook,
  };
}

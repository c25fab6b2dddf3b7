/**
 * Every cap on a size that comes from an untrusted file, with its reason.
 * Sizes are also compared with the file's own size; whichever is smaller decides.
 */
export const limits = {
  /** Nesting of messages. Real models stay below 20 (If in If in a function); decoders recurse, so stacks must be bounded. */
  depth: 64,
  /** Messages in one file. The largest exported graphs have about 10^5 nodes of ten messages each. */
  messages: 2_000_000,
  /** A file of n bytes holds at most n / 4 messages that mean anything: the smallest real one (a dimension) takes 4. */
  bytesPerMessage: 4,
  /** ... but small files are given this many, so that the ratio never refuses a tiny honest one. */
  messagesFloor: 20_000,
  /** Strings and list elements in one file: what a decoder turns into values of their own, 16 to 64 bytes each. */
  values: 4_000_000,
  /** Tensors in one model. A mixture of experts of the largest kind has about 10^5. */
  tensors: 200_000,
  /** Bytes of one name. File formats allow more; no exporter writes it. */
  name: 4096,
  /** Bytes of the structure without payloads: what a decoder is given. 20,000 nodes take about 8 MB. */
  structure: 64 * 1024 * 1024,
  /** Dimensions of one tensor. Frameworks stop at 8 or 32. */
  rank: 32,
  /** Elements of one tensor: products stay exact in a double. */
  elements: Number.MAX_SAFE_INTEGER,
  /** Attributes of one node. The operators with most have about 30. */
  attributes: 1024,
  /** Bytes of an attribute whose lists and texts are kept; of longer ones only the tensors and graphs are. */
  attributeBytes: 1024 * 1024,
  /** Bytes of one value of the file's own metadata; longer ones are left out. Class lists take some ten thousand. */
  metadataValue: 64 * 1024,
  /** Problems told of one model; a last one counts the others. */
  problems: 500,
  /** External data files of one model. */
  externalFiles: 10_000,
  /** Bytes of the window through which structure is read: at most, and after a jump. */
  window: 64 * 1024,
  firstWindow: 512,
  /** Elements of one chunk of weights: 4 MiB of floats, the unit of cancellation. */
  chunkElements: 1024 * 1024,
  /** Elements of a tensor whose values the shape inference may read: shapes, axes, sizes. */
  smallTensor: 64,
  /** Numbers of a bias or a norm's vector that dead units are followed with: one an output, and layers have 10^6 at most. */
  unitVector: 4 * 1024 * 1024,
  /** Bytes of a model whose graph is written anew without dead units: it is held twice, and protobuf ends at 2^31. */
  rewrite: 2 ** 30,
  /** Bytes of a tensor that units are taken out of: it is held whole. The largest layer of VGG-16 has 4 * 10^8. */
  cutTensor: 2 ** 29,
  /** Nodes visited, those of a function once for each of its calls: calls of calls can multiply without end. */
  visits: 500_000,
  /** Elements of a sparse tensor with its zeros, which no file size bounds: 256 k tokens x 16 k, the largest embedding known. */
  sparseElements: 2 ** 32,
  /** Entries of a sparse tensor whose indices do not ascend: these are sorted in memory, 16 bytes each. */
  unsortedEntries: 4 * 1024 * 1024,
  /** Scales of one quantised weight, held as doubles: one a row or column, and real layers have 10^6 of these at most. */
  scales: 4 * 1024 * 1024,
  /** Rows and columns of a layer together, counted one by one in 12 bytes each. The largest vocabularies have 10^6 rows. */
  bands: 2 ** 26,
  /** Pairs of a PE and a column, of which the interleaved form keeps the last row: 64 MiB. VGG-16's fc6 has 1.6 million. */
  interleavedSlices: 2 ** 24,
  /** Bytes of a file of activation vectors, which is read whole: 4 million doubles, with room for several layers. */
  vectorFile: 64 * 1024 * 1024,
  /** Non-zeros of a synthetic layer: they are drawn one by one, 10 ns each. */
  syntheticNonZeros: 2 ** 28,
  /** Bytes of the header of a container: some 500 for each coded tensor, 100 for each of its places. */
  slimHeader: 64 * 1024 * 1024,
  /** Places in the files of a container. A tensor whose data was written in runs has several. */
  slimParts: 1_000_000,
  /** Streams of one coded tensor. A tensor of 64 bits has nine byte planes, with their head. */
  slimStreams: 16,
  /** Bits of a code or of an index in a container: tables are 2^bits long. 65,536 values and a zero need 17. */
  slimSymbolBits: 17,
  /** Codebooks of one layer: one for each row of the largest vocabularies. */
  shareGroups: 2 ** 20,
  /** Centroids of all codebooks of one layer together: 16 bytes each while they are searched, several times. */
  shareCentroids: 2 ** 21,
  /** Bits of a mask, one for each weight of a layer: 512 MiB, and indices that are whole in 32 bits. */
  maskBits: 2 ** 32,
  /** Blocks of one layer, ranked by a double each. */
  blocks: 2 ** 24,
  /** Best scores of the N:M groups side by side, held in 9 bytes each until the groups are whole. */
  nmScores: 2 ** 24,
} as const;

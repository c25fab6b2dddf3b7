/**
 * A per-layer statistic that chunks, row ranges, threads and shards combine (ordered: a lies before b).
 * Thresholds and codebooks are functions of such statistics, not statistics themselves. f64 is read as f64.
 */
export interface Statistic<S> {
  /** The neutral element for a layer of rows x cols. */
  empty(shape: { readonly rows: number; readonly cols: number }): S;
  /** Takes in `values`, the elements firstIndex, firstIndex + 1, ... of the layer in C order of the stored tensor. */
  add(into: S, values: Float32Array | Float64Array, firstIndex: number): void;
  /** Of two neighbouring parts; may use the memory of either for the result. */
  merge(a: S, b: S): S;
}

/** Scales and zero points by place along one axis. */
export interface QuantisationSteps {
  /** One for the whole tensor, or one for each place along the axis. */
  readonly scales: Float64Array;
  /** As many as scales. */
  readonly zeroPoints: Float64Array;
  /** Elements for which one step of the axis holds: the product of the dimensions behind it. */
  readonly inner: number;
}

/**
 * Turns stored numbers into real ones in place: (stored - zeroPoint) * scale, computed in double precision.
 * `first` is the index of values[0] in C order of the tensor. In a Float32Array the product is rounded once,
 * which for narrow integers and float32 scales is what float32 arithmetic gives.
 */
export function dequantise(
  values: Float32Array | Float64Array,
  first: number,
  { scales, zeroPoints, inner }: QuantisationSteps,
): void {
  const places = scales.length;
  if (places === 1) {
    const scale = scales[0]!;
    const zeroPoint = zeroPoints[0]!;
    for (let i = 0; i < values.length; i += 1) values[i] = (values[i]! - zeroPoint) * scale;
    return;
  }
  let place = Math.floor(first / inner) % places;
  let end = inner - (first % inner);
  for (let i = 0; i < values.length; end += inner) {
    const scale = scales[place]!;
    const zeroPoint = zeroPoints[place]!;
    const stop = Math.min(end, values.length);
    for (; i < stop; i += 1) values[i] = (values[i]! - zeroPoint) * scale;
    place = place + 1 === places ? 0 : place + 1;
  }
}

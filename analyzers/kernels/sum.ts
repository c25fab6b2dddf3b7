/** A sum of doubles with its rounding error carried along (Neumaier 1974): the value is high + low. */
export interface Sum {
  high: number;
  low: number;
}

export function addTo(sum: Sum, value: number): void {
  const { high } = sum;
  const total = high + value;
  sum.low += Math.abs(high) >= Math.abs(value) ? high - total + value : value - total + high;
  sum.high = total;
}

export const valueOf = ({ high, low }: Sum): number => high + low;

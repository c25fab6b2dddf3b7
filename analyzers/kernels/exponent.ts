const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/**
 * The largest power of two that is not above a normal positive number; 1 for every other one. Dividing by it is exact,
 * so what is computed afterwards is the same for weights times any power of two.
 */
export function powerBelow(value: number): number {
  double[0] = value;
  const exponent = words[1]! >>> 20;
  if (exponent === 0 || exponent >= 0x7ff) return 1;
  words[0] = 0;
  words[1] = exponent << 20;
  return double[0];
}

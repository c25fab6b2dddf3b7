// Seeded numbers for the samples. Only + - * / and sqrt are used, which IEEE 754 fixes to the last bit, so the
// same seed gives the same file everywhere.

export const square = (x) => x * x;

/** Uniform in [0, 1) from 32 bits: mulberry32. */
export function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Nearly normal, mean 0 and variance 1: the sum of twelve uniforms. */
export const normal = (random) => () => {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random();
  return sum;
};

/** Student's t with `freedom` degrees, scaled to variance 1: the heavy tails that trained weights have. */
export const heavy = (random, freedom = 5) => {
  const gauss = normal(random);
  const scale = Math.sqrt((freedom - 2) / freedom);
  return () => {
    let squares = 0;
    const value = gauss();
    for (let i = 0; i < freedom; i++) squares += square(gauss());
    return (value / Math.sqrt(squares / freedom)) * scale;
  };
};

/** A function of one number, as an operator applies it to every element. */
export interface Each {
  readonly name: EachName;
  readonly a: number;
  readonly b: number;
}

export type EachName = keyof typeof functions;
export type Operation = keyof typeof operations;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const between = (x: number, least: number, most: number): number => Math.min(Math.max(x, least), most);

/** By the operator's name; a and b are its two parameters. */
const functions = {
  same: (x: number) => x,
  /** Nothing is known of any value but 0, which stays 0. */
  zero: (x: number) => (x === 0 ? 0 : Number.NaN),
  /** Nothing is known. */
  lost: (_x: number) => Number.NaN,
  Relu: (x: number) => Math.max(x, 0),
  LeakyRelu: (x: number, a: number) => (x < 0 ? a * x : x),
  Elu: (x: number, a: number) => (x < 0 ? a * Math.expm1(x) : x),
  Selu: (x: number, a: number, b: number) => b * (x <= 0 ? a * Math.expm1(x) : x),
  ThresholdedRelu: (x: number, a: number) => (x > a ? x : 0),
  Sigmoid: sigmoid,
  Tanh: Math.tanh,
  HardSigmoid: (x: number, a: number, b: number) => between(a * x + b, 0, 1),
  HardSwish: (x: number) => x * between(x / 6 + 0.5, 0, 1),
  Softplus: (x: number) => Math.log1p(Math.exp(x)),
  Softsign: (x: number) => x / (1 + Math.abs(x)),
  Mish: (x: number) => x * Math.tanh(Math.log1p(Math.exp(x))),
  Clip: between,
  Abs: Math.abs,
  Neg: (x: number) => -x,
  Exp: Math.exp,
  Sqrt: Math.sqrt,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Reciprocal: (x: number) => 1 / x,
} as const satisfies Record<string, (x: number, a: number, b: number) => number>;

const operations = {
  Add: (x: number, y: number) => x + y,
  Sub: (x: number, y: number) => x - y,
  Mul: (x: number, y: number) => x * y,
  Div: (x: number, y: number) => x / y,
  Max: Math.max,
  Min: Math.min,
  PRelu: (x: number, slope: number) => (x < 0 ? slope * x : x),
  Pow: (x: number, y: number) => x ** y,
} as const satisfies Record<string, (x: number, y: number) => number>;

/** The steepest slope of each function; those that are left out have none, or no bound. */
const slopes: Readonly<Partial<Record<EachName, (a: number, b: number) => number>>> = {
  same: () => 1,
  Relu: () => 1,
  LeakyRelu: (a) => Math.max(1, Math.abs(a)),
  Elu: (a) => Math.max(1, Math.abs(a)),
  Selu: (a, b) => Math.abs(b) * Math.max(1, Math.abs(a)),
  Sigmoid: () => 0.25,
  Tanh: () => 1,
  HardSigmoid: (a) => Math.abs(a),
  // Of x (x / 6 + 1/2) at 3, where it turns to x.
  HardSwish: () => 1.5,
  Softplus: () => 1,
  Softsign: () => 1,
  Clip: () => 1,
  Abs: () => 1,
  Neg: () => 1,
};

/** How far the function moves at most for each unit that its operand does; NaN: any distance. */
export const slopeOf = ({ name, a, b }: Each): number => slopes[name]?.(a, b) ?? Number.NaN;

export const isEach = (name: string): name is EachName =>
  Object.hasOwn(functions, name) && name !== 'same' && name !== 'zero' && name !== 'lost';
export const isOperation = (name: string): name is Operation => Object.hasOwn(operations, name);

/** The constant that comes out for one that goes in; NaN: none. */
export const applyEach = ({ name, a, b }: Each, x: number): number =>
  Number.isNaN(x) ? Number.NaN : finite(functions[name](x, a, b));

/** Of two constants, NaN where one is none. A factor of 0 decides alone. */
export function applyOperation(name: Operation, x: number, y: number): number {
  if (name === 'Mul' && (x === 0 || y === 0)) return 0;
  return finite(operations[name](x, y));
}

/** As single precision holds it; what overflows there is no constant to rely on. */
function finite(x: number): number {
  const single = Math.fround(x);
  return Number.isFinite(single) ? single : Number.NaN;
}

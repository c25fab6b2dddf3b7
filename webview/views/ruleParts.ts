import { pruneText, parsePrune } from '../../analyzers/report/pruneRules.ts';
import { parseIndex, parseShare, indexText, shareText } from '../../analyzers/report/rules.ts';

/** One way to prune, share or index: what its text begins with, what stands behind it, and an example. */
export interface RuleForm {
  readonly id: string;
  readonly label: string;
  /** What is typed; null: nothing is to be typed. */
  readonly value: string | null;
  readonly words: string;
}

export const pruneForms: readonly RuleForm[] = [
  { id: 'density', label: 'density', value: '0.1', words: 'share of the weights that stays, the largest' },
  {
    id: 'std',
    label: 'standard deviations',
    value: '1',
    words: 'times the deviation of the non-zero weights',
  },
  { id: 'threshold', label: 'threshold', value: '0.05', words: 'the least magnitude that stays' },
  {
    id: 'global',
    label: 'global density',
    value: '0.1',
    words: 'one threshold for all layers with this rule',
  },
  { id: 'nm', label: 'N:M', value: '2:4', words: 'so many of every so many along the inputs' },
  { id: 'block', label: 'blocks', value: '4x4:0.25', words: 'rows x columns of a block, share of blocks' },
  { id: 'filters', label: 'filters', value: '0.5', words: 'share of the rows that stay' },
  { id: 'columns', label: 'columns', value: '0.5', words: 'share of the columns that stay' },
  { id: 'none', label: 'not pruned', value: null, words: '' },
];

export const shareForms: readonly RuleForm[] = [
  { id: 'optimal', label: 'optimal', value: '5', words: 'bits, or k=24 values; the least squared error' },
  { id: 'rate', label: 'rate', value: '5', words: 'bits, or k=24 values; the fewest coded bits' },
  { id: 'linear', label: 'linear start', value: '5', words: 'bits, or k=24 values; as published' },
  { id: 'density', label: 'density start', value: '5', words: 'bits, or k=24 values; as published' },
  { id: 'forgy', label: 'Forgy start', value: '5', words: 'bits, or k=24 values; as published' },
  { id: 'uniform-symmetric', label: 'uniform, symmetric', value: '8', words: 'bits of an even grid about 0' },
  { id: 'uniform-asymmetric', label: 'uniform, asymmetric', value: '8', words: 'bits of an even grid' },
  { id: 'fp8-e4m3', label: 'fp8, e4m3', value: '8', words: 'eight-bit floats with one scale' },
  { id: 'fp8-e5m2', label: 'fp8, e5m2', value: '8', words: 'eight-bit floats with one scale' },
  { id: 'none', label: 'as stored', value: null, words: '' },
];

export const indexForms: readonly RuleForm[] = [
  { id: 'bits', label: 'bits', value: '5', words: 'width of the relative index, 1 to 16' },
  { id: 'best', label: 'best width', value: null, words: '' },
  { id: 'none', label: 'no index', value: null, words: 'every weight has a code' },
];

export interface ChosenForm {
  readonly id: string;
  readonly value: string;
}

/** Texts of a recipe as form and value, and back; the parsers throw what is wrong, in one line. */
export const ruleParts = {
  prune: {
    split: (text: string): ChosenForm => {
      const at = text.indexOf('=');
      return at < 0 ? { id: text, value: '' } : { id: text.slice(0, at), value: text.slice(at + 1) };
    },
    join: ({ id, value }: ChosenForm): string =>
      pruneText(parsePrune(id === 'none' ? 'none' : `${id}=${value.trim()}`)),
  },
  share: {
    /** 'k=24:rate/rows=64' -> rate, 'k=24/rows=64' */
    split: (text: string): ChosenForm => {
      if (text === 'none') return { id: 'none', value: '' };
      const [whole = '', ...per] = text.split('/');
      const [size = '', method = 'optimal'] = whole.split(':');
      return { id: method, value: [size, ...per].join('/') };
    },
    join: ({ id, value }: ChosenForm): string => {
      if (id === 'none') return 'none';
      const [size = '', ...per] = value.trim().split('/');
      return shareText(parseShare([`${size}:${id}`, ...per].join('/')));
    },
  },
  index: {
    split: (text: string): ChosenForm =>
      text === 'best' || text === 'none' ? { id: text, value: '' } : { id: 'bits', value: text },
    join: ({ id, value }: ChosenForm): string => indexText(parseIndex(id === 'bits' ? value.trim() : id)),
  },
} as const;

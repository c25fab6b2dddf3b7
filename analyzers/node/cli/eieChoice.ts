import path from 'node:path';
import type { Layer } from '../../model/layer.ts';
import { plain } from '../../report/clean.ts';
import type { EieActivations, EieAsk } from '../../report/eieStudy.ts';
import { whyNotModelled, type EieChoice } from '../../run/eieLayers.ts';
import type { Vectors } from '../vectorFile.ts';
import { quoted } from './args.ts';
import { UsageError } from './exitCode.ts';
import { nearest } from './suggest.ts';

/** What the call says of activations. */
export type AskedActivations =
  | Exclude<EieActivations, { readonly kind: 'columns' }>
  | { readonly kind: 'file'; readonly file: string; readonly vectors: Vectors };

export interface Asked extends Omit<EieAsk, 'activations'> {
  readonly layer: string | null;
  readonly activations: AskedActivations;
}

/**
 * The layers that are modelled, and with which activations: the one that is named, else all that can be. A file with
 * one vector goes to the layers of as many inputs; one of several to the layers of the same names.
 */
export function chosenLayers(layers: readonly Layer[], asked: Asked): readonly EieChoice[] {
  const { layer: name, activations, ...rest } = asked;
  const named = name === null ? null : layerNamed(layers, name);
  // Whether a layer is modelled does not depend on a vector but for convolutions, which take none.
  const plainAsk: EieAsk = {
    ...rest,
    activations: activations.kind === 'file' ? { kind: 'columns', ...emptyVector } : activations,
  };
  if (named !== null) {
    const why = whyNotModelled(named, plainAsk);
    if (why !== null)
      throw new UsageError(`${quoted(named.name)} is not modelled: ${why}${hintOf(named, asked)}`);
  }
  const modelled = named === null ? layers.filter((one) => whyNotModelled(one, plainAsk) === null) : [named];
  if (modelled.length === 0)
    throw new UsageError(
      'the model has no dense layer; --convolutions projects its convolutions, one product for each output position',
    );
  if (activations.kind !== 'file') return modelled.map((layer) => ({ layer, ask: { ...rest, activations } }));
  return withVectors(modelled, activations, rest);
}

const emptyVector = { columns: new Uint32Array(0), length: 0, source: '' } as const;

const hintOf = ({ op }: Layer, { convolutions, activations }: Asked): string =>
  op === 'conv' && !convolutions && activations.kind !== 'file' ? ' Add --convolutions.' : '';

function layerNamed(layers: readonly Layer[], name: string): Layer {
  const found = layers.find((one) => one.name === name) ?? layers.find((one) => one.weight.name === name);
  if (found !== undefined) return found;
  const names = layers.map((one) => one.name);
  const near = nearest(name, names);
  const list = names.slice(0, 8).map((one) => plain(one));
  const hint =
    near === null
      ? `the layers are ${list.join(', ')}${names.length > list.length ? ', …' : ''}`
      : `did you mean ${plain(near)}?`;
  throw new UsageError(`the model has no layer ${quoted(name)}; ${hint}`);
}

function withVectors(
  modelled: readonly Layer[],
  { file, vectors }: Extract<AskedActivations, { kind: 'file' }>,
  rest: Omit<EieAsk, 'activations'>,
): readonly EieChoice[] {
  const base = plain(path.basename(file));
  const [lone] = vectors.size === 1 ? [...vectors] : [];
  const choices = modelled.flatMap((layer): { layer: Layer; entry: string; read: () => Float64Array }[] => {
    const entry = [layer.name, layer.weight.name].find((key) => vectors.has(key)) ?? lone?.[0];
    const read = entry === undefined ? undefined : vectors.get(entry);
    return entry === undefined || read === undefined ? [] : [{ layer, entry, read }];
  });
  if (choices.length === 0) {
    const names = [...vectors.keys()].slice(0, 8).map((name) => plain(name));
    throw new UsageError(
      `${base} has no vector of the name of a layer; it has ${names.length === 0 ? 'none' : names.join(', ')}`,
    );
  }
  const asks = choices.map(({ layer, entry, read }): EieChoice => {
    const vector = read();
    const columns = Uint32Array.from(vector.keys()).filter((at) => vector[at] !== 0);
    const source = entry === '' ? base : `${base}:${plain(entry)}`;
    return {
      layer,
      ask: { ...rest, activations: { kind: 'columns', columns, length: vector.length, source } },
    };
  });
  if (asks.length === 1 || lone === undefined) return asks;
  // One vector for a model of several layers: those that take it.
  const length = lengthOf(asks[0]!);
  const fitting = asks.filter(({ layer }) => layer.cols === length);
  if (fitting.length > 0) return fitting;
  const told = modelled.slice(0, 8).map(({ name, cols }) => `${plain(name)} has ${cols.toString()}`);
  throw new UsageError(
    `${base} has ${length.toString()} activations and no layer as many inputs: ${told.join(', ')}`,
  );
}

const lengthOf = ({ ask: { activations } }: EieChoice): number =>
  activations.kind === 'columns' ? activations.length : 0;

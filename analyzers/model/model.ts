import type { SourceRef } from '../bytes/source.ts';
import type { Graph, GraphFunction } from './graph.ts';
import type { Problem } from './problem.ts';
import type { Tensor } from './tensor.ts';

/** A model's structure: everything but its numbers. Safe to structured-clone. */
export interface Model {
  /** 'onnx' */
  readonly format: string;
  /** The file's own name. */
  readonly name: string;
  /** The model's file first, then its external data files. */
  readonly sources: readonly SourceRef[];
  /** Names of the sources, relative to the model's folder, and their sizes in bytes. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  /** Of a container: bytes that are carried as they were; everything else is coded weights and what describes them. */
  readonly carriedBytes?: number;
  readonly tensors: readonly Tensor[];
  readonly graph: Graph | null;
  readonly functions: readonly GraphFunction[];
  /** 'opset' ("13" or "ai.onnx:13, com.microsoft:1"), 'producer', 'ir' and the file's own metadata_props. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

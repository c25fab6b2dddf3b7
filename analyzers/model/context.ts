import type { Graph, GraphFunction } from './graph.ts';
import type { Model } from './model.ts';
import type { NumberReader } from './numbers.ts';
import type { Frame, Scope } from './scope.ts';
import type { Known } from './shapes/known.ts';
import type { Traced } from './trace.ts';
import type { Unscaled } from './value.ts';

/** What reading a node's weights says of its outputs. */
export interface Effect {
  /** It is a layer: what comes behind it is no longer the network's input. */
  readonly layer: boolean;
  readonly unscaled: Unscaled | null;
}

export const noEffect: Effect = { layer: false, unscaled: null };

/** A node at one of its runs. */
export interface Visit extends Traced {
  /** What is known of its outputs before anything else is said of them. */
  readonly outputs: readonly Known[];
  /** What is known of its shapes rests on a first dimension that was taken as 1. */
  readonly assumed: boolean;
  /** The name for usedBy: the node's own, or its operator and place; with those of the calls around it. */
  readonly label: string;
  readonly frame: Frame;
}

export interface Walk {
  readonly model: Model;
  readonly functions: ReadonlyMap<string, GraphFunction>;
  readonly numbers: NumberReader;
  /** Called at every node in the order of execution; says what its outputs mean. */
  readonly visit: (visit: Visit) => Effect;
  /** Symbols of graph inputs' first dimensions, which count as 1. */
  readonly symbols: Map<string, number>;
  readonly signal: AbortSignal;
  /** Runs a graph's nodes in a scope in which its inputs are bound already. */
  readonly runGraph: (graph: Graph, scope: Scope, frame: Frame) => Promise<void>;
  /** Nodes that may still be visited. */
  budget: number;
  /** A call that was not followed: into itself, too deep, or beyond the budget. */
  cutOff: string | null;
}

/** Some bytes of one of a layer's streams, by its place in the plan; a stream is whole before the next begins. */
export interface StreamPart {
  readonly stream: number;
  readonly bytes: Uint8Array;
}

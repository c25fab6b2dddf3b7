/** A machine of EIE's kind (Han et al. 2016, EIE). */
export interface EieMachine {
  readonly pes: number;
  /** Entries of the activation ring buffer; one fewer is queued, and one more waits in the pointer register. */
  readonly fifo: number;
  readonly indexBits: number;
  readonly codeBits: number;
  /** Bits that one read of the sparse-matrix SRAM brings. */
  readonly sramBits: number;
  readonly clockMhz: number;
  /** One more, always active column behind the inputs: empty as in the published simulator, with the layer's bias, or none. */
  readonly biasColumn: 'empty' | 'layer' | 'none';
}

/** As published: 64 PEs at 800 MHz, entries of 4 + 4 bits, 64 bits a read. */
export const publishedEie: EieMachine = {
  pes: 64,
  fifo: 8,
  indexBits: 4,
  codeBits: 4,
  sramBits: 64,
  clockMhz: 800,
  biasColumn: 'empty',
};

/** What EIE would make of one layer: simulated on the layer's real non-zeros, exact for this model of the machine. */
export interface LayerEie {
  readonly pes: number;
  readonly fifo: number;
  readonly clockMhz: number;
  readonly biasColumn: boolean;
  /** A convolution, taken as one product for each output position. */
  readonly projection: boolean;
  /** 'all-active', or where the activations are from. */
  readonly activationSource: string;
  /** With padding, and with those of the bias column. */
  readonly entries: number;
  readonly padding: number;
  /** Without the bias column. */
  readonly activeColumns: number;
  readonly activeEntries: number;
  /** Active entries by PEs: no load imbalance, no starvation. */
  readonly theoreticalCycles: number;
  readonly cycles: number;
  readonly theoreticalUs: number;
  readonly timeUs: number;
  /** theoreticalCycles / cycles. */
  readonly loadBalance: number;
  /** Pairs. */
  readonly pointerReads: number;
  readonly spmatReads: number;
  readonly energyUj: number;
  readonly energyModel: 'eie-table-2';
  readonly energyBottomUpUj: number;
  readonly bits: { readonly entries: number; readonly pointers: number; readonly codebook: number };
  /** Whether each memory of a PE holds its part. */
  readonly fits: { readonly spmat: boolean; readonly pointers: boolean; readonly activations: boolean };
}

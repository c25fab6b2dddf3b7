import { publishedEnergy, type EnergyPrices } from '../report/energyTable.ts';

/** Nodes of the detection tree above so many PEs, four under each node, its root included: 21 for 64. */
export const detectionNodes = (pes: number): number => Math.ceil((pes - 1) / 3);

/** Milliwatts of an EIE with so many PEs, by the paper's Table II or what stands in its place. */
export const eiePowerMw = (pes: number, energy: EnergyPrices = publishedEnergy): number =>
  pes * energy.pePowerMw + detectionNodes(pes) * energy.detectionNodePowerMw;

/**
 * Microjoules of one matrix-vector product by power and time ('eie-table-2'): every PE draws its published power for
 * the whole time, idle or not.
 */
export const eieEnergyUj = (pes: number, timeUs: number, energy: EnergyPrices = publishedEnergy): number =>
  (eiePowerMw(pes, energy) * timeUs) / 1000;

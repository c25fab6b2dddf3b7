import { publishedEnergy, type EnergyPrices } from '../report/energyTable.ts';

/** PEs under one node of the leading-non-zero detection. */
const perNode = 4;

/** Nodes of the detection tree above so many PEs, its root included: 21 for 64. */
export function detectionNodes(pes: number): number {
  let nodes = 0;
  for (let width = pes; width > 1;) {
    width = Math.ceil(width / perNode);
    nodes += width;
  }
  return nodes;
}

/** Milliwatts of an EIE with so many PEs, by the paper's Table II or what stands in its place. */
export const eiePowerMw = (pes: number, energy: EnergyPrices = publishedEnergy): number =>
  pes * energy.pePowerMw + detectionNodes(pes) * energy.detectionNodePowerMw;

/**
 * Microjoules of one matrix-vector product by power and time ('eie-table-2'): every PE draws its published power for
 * the whole time, idle or not.
 */
export const eieEnergyUj = (pes: number, timeUs: number, energy: EnergyPrices = publishedEnergy): number =>
  (eiePowerMw(pes, energy) * timeUs) / 1000;

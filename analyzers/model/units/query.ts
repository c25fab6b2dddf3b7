import type { UnitCounts as Counts, UnitQuery as Query } from '../../kernels/unitCounts.ts';

/** What is asked of a layer's units, and the answer, for those who know no kernels. */
export type UnitQuery = Query;
export type UnitCounts = Counts;

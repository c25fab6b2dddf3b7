/** More workers than this gain nothing: each has its own buffers, and the disk is one. */
export const mostThreads = 64;

/** As many threads as processors, four at most: further ones cost memory and gain little. */
export const defaultThreads = (processors: number): number => Math.min(4, Math.max(1, processors));

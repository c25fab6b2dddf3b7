import fc from 'fast-check';
import type { View } from '../../analyzers/model/layer.ts';

/** A view of up to five axes of 1 to `most`, each given to rows or columns in any order; one column axis may reduce. */
export const views = (most: number): fc.Arbitrary<View> =>
  fc
    .tuple(
      fc.array(
        fc.record({ size: fc.integer({ min: 1, max: most }), row: fc.boolean(), order: fc.integer() }),
        {
          maxLength: 5,
        },
      ),
      fc.nat(),
    )
    .map(([axes, reduce]): View => {
      const ordered = [...axes.entries()].toSorted(([, a], [, b]) => a.order - b.order);
      const of = (row: boolean): number[] => ordered.filter(([, a]) => a.row === row).map(([i]) => i);
      const colAxes = of(false);
      return {
        shape: axes.map((a) => a.size),
        rowAxes: of(true),
        colAxes,
        reductionAxis: colAxes[reduce % (colAxes.length + 1)] ?? null,
        positions: 1,
      };
    });

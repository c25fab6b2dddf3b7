import { reshaped, simplified, storedLayout } from './layout.ts';
import type { Layout } from './layout.ts';
import type { View } from './layer.ts';
import type { Role } from './roles/role.ts';

/** A view, and whether the rearrangement on the way could not be kept in it. */
export interface ViewOf {
  readonly view: View;
  readonly rows: number;
  readonly cols: number;
  readonly asStored: boolean;
}

/** The stored tensor as the matrix that a role reads it as. */
export function viewOf(layout: Layout, role: Role): ViewOf {
  const split = role.groups === undefined ? layout : splitGroups(layout, role.groups);
  if (split === null) return storedView(layout, role);
  const own = simplified(split);
  const expand = (axes: readonly number[]) => axes.flatMap((axis) => own.axes[axis] ?? []);
  const rowAxes = [...own.fixed, ...expand(role.rows)];
  const colAxes = expand(role.cols);
  // A malformed graph may give an operand of another rank than its operator reads.
  if (rowAxes.length + colAxes.length !== own.factors.length) return storedView(layout, role);
  // Axes of one element that a Reshape dropped are in neither list, and change nothing.
  const reduction = role.reduction === null ? [] : (own.axes[role.reduction] ?? []);
  return sized(
    {
      shape: own.factors,
      rowAxes,
      colAxes,
      reductionAxis: reduction.length === 1 ? reduction[0]! : null,
      positions: role.positions,
    },
    false,
  );
}

/** Axis 0 as groups by inputs of a group. */
function splitGroups(layout: Layout, groups: number): Layout | null {
  const [channels, ...rest] = layout.shape;
  if (channels === undefined || groups < 1 || channels % groups !== 0) return null;
  if (groups > 1 && channels / groups > 1) return reshaped(layout, [groups, channels / groups, ...rest]);
  // One group, or groups of one channel: the other axis has one element.
  const axes = groups === 1 ? [[], layout.axes[0]!] : [layout.axes[0]!, []];
  return {
    ...layout,
    axes: [...axes, ...layout.axes.slice(1)],
    shape: [groups, channels / groups, ...rest],
    from: [0, 0, ...layout.from.slice(1)],
  };
}

/** The first axis as rows: what is left when a view cannot be had. */
function storedView(layout: Layout, role: Role): ViewOf {
  const plain = storedLayout(layout.factors);
  return sized(
    {
      shape: plain.factors,
      rowAxes: plain.factors.length === 0 ? [] : [0],
      colAxes: plain.factors.map((_, axis) => axis).slice(1),
      reductionAxis: null,
      positions: role.positions,
    },
    true,
  );
}

function sized(view: View, asStored: boolean): ViewOf {
  const over = (axes: readonly number[]) => axes.reduce((n, axis) => n * view.shape[axis]!, 1);
  return { view, rows: over(view.rowAxes), cols: over(view.colAxes), asStored };
}

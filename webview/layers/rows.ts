import type { LayerOp } from '../../analyzers/model/layer.ts';
import type { Kept } from '../kept.ts';
import type { State } from '../store.ts';
import { columnOf, type ColumnId, type Row } from './columns.ts';

/** Every layer as a row, in the model's order. */
export function rowsOf(state: Pick<State, 'stubs' | 'layers'>): readonly Row[] {
  let weights = 0;
  let macs = 0;
  for (const stub of state.stubs) {
    weights += stub.weights;
    macs += stub.macs ?? 0;
  }
  const prefix = commonPrefix(state.stubs.map(({ name }) => name)).length;
  return state.stubs.map((stub) => ({
    label: stub.name.slice(prefix),
    stub,
    report: state.layers.get(stub.index) ?? null,
    weightShare: weights > 0 ? stub.weights / weights : 0,
    macShare: stub.macs === null || macs === 0 ? null : stub.macs / macs,
  }));
}

/** What all names begin with, up to a '.' or '/': 'model.' of 'model.conv1' and 'model.conv2'. */
export function commonPrefix(names: readonly string[]): string {
  const [first = '', ...others] = names;
  if (others.length === 0) return '';
  let length = first.length;
  for (const name of others) {
    let same = 0;
    while (same < length && name[same] === first[same]) same += 1;
    length = same;
  }
  const common = first.slice(0, length);
  return common.slice(0, Math.max(common.lastIndexOf('.'), common.lastIndexOf('/')) + 1);
}

/** Rows whose name or op holds the text, small and capital letters alike, in the order asked for. */
export function arrange(
  rows: readonly Row[],
  { filter, op, sort }: Pick<Kept, 'filter' | 'op' | 'sort'>,
): readonly Row[] {
  const wanted = filter.trim().toLowerCase();
  const found = rows.filter(
    ({ stub }) =>
      (op === null || stub.op === op) &&
      (wanted === '' || stub.name.toLowerCase().includes(wanted) || stub.op.includes(wanted)),
  );
  return sort === null ? found : sorted(found, sort.by, sort.down);
}

function sorted(rows: readonly Row[], by: ColumnId, down: boolean): readonly Row[] {
  const column = columnOf(by);
  if (column === undefined) return rows;
  const sign = down ? -1 : 1;
  // Unknown values stand last whichever way; equal ones keep the model's order.
  return rows.toSorted((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    if (typeof x === 'string' || typeof y === 'string') return sign * naturally.compare(String(x), String(y));
    return sign * (x - y);
  });
}

/** 'conv2' before 'conv10'. */
const naturally = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** A click on a column's head: figures from the largest, words from the first; then the other way; then the model's order. */
export function nextSort(now: Kept['sort'], by: ColumnId): Kept['sort'] {
  const startsDown = by !== 'name' && by !== 'op';
  if (now?.by !== by) return { by, down: startsDown };
  return now.down === startsDown ? { by, down: !startsDown } : null;
}

/** The first row from `start` on, round the end, whose name, whole or as shown, begins with what was typed; -1 when there is none. */
export function typeAhead(rows: readonly Row[], typed: string, start: number): number {
  const wanted = typed.toLowerCase();
  for (let i = 0; i < rows.length; i += 1) {
    const at = (start + i) % rows.length;
    const row = rows[at];
    if (row === undefined) continue;
    if ([row.label, row.stub.name].some((name) => name.toLowerCase().startsWith(wanted))) return at;
  }
  return -1;
}

/** The ops that occur, in the order of their first layer. */
export const opsOf = (state: Pick<State, 'stubs'>): readonly LayerOp[] => [
  ...new Set(state.stubs.map((stub) => stub.op as LayerOp)),
];

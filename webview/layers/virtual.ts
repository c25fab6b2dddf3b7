/** Which rows of a long list are drawn: those in sight and a few on either side. */
export interface Slice {
  /** First row drawn, and how many. */
  readonly from: number;
  readonly count: number;
  /** Height of all rows, and of those above the first that is drawn; px. */
  readonly height: number;
  readonly above: number;
}

export function sliceOf(options: {
  readonly rows: number;
  readonly rowHeight: number;
  readonly scrollTop: number;
  readonly viewHeight: number;
  readonly spare: number;
}): Slice {
  const { rows, rowHeight, scrollTop, viewHeight, spare } = options;
  const top = Math.min(Math.max(0, scrollTop), Math.max(0, rows * rowHeight - viewHeight));
  const from = Math.max(0, Math.floor(top / rowHeight) - spare);
  const to = Math.min(rows, Math.ceil((top + viewHeight) / rowHeight) + spare);
  return { from, count: Math.max(0, to - from), height: rows * rowHeight, above: from * rowHeight };
}

/** Where to scroll so that a row is wholly in sight; where it is when it already is. */
export function scrollTo(row: number, rowHeight: number, scrollTop: number, viewHeight: number): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + viewHeight) return top + rowHeight - viewHeight;
  return scrollTop;
}

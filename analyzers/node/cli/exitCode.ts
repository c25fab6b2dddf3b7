/** What the shell is told: done, what was written reads back differently, the input or the call is unusable, interrupted. */
export const exitCode = { done: 0, differs: 1, unusable: 2, interrupted: 130 } as const;

/** A call or an input that cannot be used. The message is one line: what, where, what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

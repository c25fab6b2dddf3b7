import { ReadError, type ReadErrorCode } from '../bytes/errors.ts';

/**
 * An error as it crosses a port. `file` and `offset` (bytes) are those of a ReadError.
 * Codes of the channel itself: 'aborted', 'unknown-method', 'bad-arguments', 'closed', 'unknown'.
 */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly file?: string;
  readonly offset?: number;
}

/** An error with a code that says what went wrong to a program. */
export class CodedError extends Error {
  override readonly name = 'CodedError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Any thrown value, or what claims to be a Failure, as a Failure. */
export function failureOf(error: unknown): Failure {
  if (typeof error !== 'object' || error === null) return { code: 'unknown', message: textOf(error) };
  const { name, code, message, file, offset } = error as Partial<Record<string, unknown>>;
  return {
    code: name === 'AbortError' ? 'aborted' : typeof code === 'string' ? code : 'unknown',
    message: typeof message === 'string' ? message : textOf(error),
    ...(typeof file === 'string' && { file }),
    ...(typeof offset === 'number' && { offset }),
  };
}

/** The error again on the other side: an AbortError, a ReadError with its place, or an error with its code. */
export function rebuilt(failure: Failure): Error {
  const { code, message, file, offset } = failure;
  if (code === 'aborted') return new DOMException(message, 'AbortError');
  if (file !== undefined) return new ReadError(code as ReadErrorCode, file, message, offset);
  return new CodedError(code, message);
}

const textOf = (value: unknown): string => {
  try {
    return String(value);
  } catch {
    return 'an error without a text';
  }
};

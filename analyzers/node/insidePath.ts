/** A drive letter (C:, C:\x), or on Windows anything with a colon: a stream of a file has a name of its own there. */
const drive = process.platform === 'win32' ? /:/ : /^[A-Za-z]:/;

/**
 * The parts of a relative path that stays in its folder by its letters alone, null for any other: empty, absolute,
 * with a drive, a backslash (a separator on Windows, UNC paths too), a NUL, or `..` anywhere. `.` parts are dropped.
 */
export function insidePath(name: string): readonly string[] | null {
  if (name.startsWith('/') || name.includes('\\') || name.includes('\0')) return null;
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  const bad = parts.length === 0 || parts.some((part) => part === '..' || drive.test(part));
  return bad ? null : parts;
}

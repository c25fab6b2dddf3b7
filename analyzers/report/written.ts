import { plain } from './clean.ts';
import { bytesText, countText, factorText } from './units.ts';

/** What came of writing: files and their sizes in bytes, and what they were made from. */
export interface WrittenSizes {
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  readonly bytes: number;
  readonly modelBytes: number;
}

/** 'lenet.slim: 165 kB of 1.73 MB, 10.4x (165 152 of 1 725 079 bytes)'. A factor below 1 is shown as it is. */
export function writtenText({ files, bytes, modelBytes }: WrittenSizes): string {
  const [first, ...others] = files;
  const more = others.length > 0 ? ` and ${countText(others.length)} more` : '';
  const factor = bytes > 0 ? `, ${factorText(modelBytes / bytes)}` : '';
  return `${plain(first?.name ?? '')}${more}: ${bytesText(bytes)} of ${bytesText(modelBytes)}${factor} (${countText(bytes)} of ${countText(modelBytes)} bytes)`;
}

import type { Format } from './format.ts';
import { onnxFormat } from './onnx/onnx.ts';
import { slimFormat } from './slim/slim.ts';

/** Every format that can be read. */
export const formats: readonly Format[] = [onnxFormat, slimFormat];

/** The format of a file by its first bytes (64 are enough) and its name, or null. */
export function detect(head: Uint8Array, name: string): Format | null {
  return formats.find((format) => format.matches(head, name)) ?? null;
}

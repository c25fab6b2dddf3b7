import { ReadError } from '../bytes/errors.ts';

/** What a file turns out to be that no format here recognises, by its first few hundred bytes; null when they say nothing. */
export function guess(head: Uint8Array): { readonly what: string; readonly advice: string } | null {
  for (const [mark, at, what, advice] of marks) {
    if (mark.every((byte, i) => head[at + i] === byte)) return { what, advice };
  }
  const start = ascii(head).trimStart().toLowerCase();
  if (start.startsWith('version https://git-lfs')) {
    return { what: 'a Git LFS pointer, not the model', advice: 'fetch the model with "git lfs pull"' };
  }
  if (/^(<!doctype html|<html|<head|<body|<script|<!--)/.test(start)) {
    return {
      what: 'an HTML page, not a model',
      advice: 'a web page was saved in its place: download the raw file',
    };
  }
  if (start.startsWith('<?xml') || start.startsWith('<'))
    return { what: 'an XML text, not a model', advice: openModel };
  if (/^[{[]/.test(start) && isText(head)) return { what: 'a JSON text, not a model', advice: openModel };
  if (head.length > 0 && isText(head)) return { what: 'a text, not a model', advice: openModel };
  return null;
}

/** The error for a file that no format reads. `head` is its first bytes. */
export function notAModel(name: string, size: number, head: Uint8Array): ReadError {
  if (size === 0) {
    return new ReadError('file/empty', name, `${name} is empty; copy or export the model again`, 0);
  }
  const found = guess(head);
  const message =
    found === null
      ? `${name} is not a model that can be read here; open an ONNX file`
      : `${name} is ${found.what}; ${found.advice}`;
  return new ReadError('file/not-a-model', name, message, 0);
}

const exportModel = 'only ONNX is read here: export the model to ONNX';
const openModel = 'open the model file itself';
const bytesOf = (text: string): number[] => Array.from(text, (c) => c.charCodeAt(0));

/** Bytes, where they stand, what they mean, what to do. */
const marks: readonly (readonly [mark: readonly number[], at: number, what: string, advice: string])[] = [
  [
    bytesOf('PK\u0003\u0004'),
    0,
    'a zip archive (perhaps PyTorch, Keras or NumPy)',
    'unpack it, or export the model to ONNX',
  ],
  [bytesOf('PK\u0005\u0006'), 0, 'an empty zip archive', openModel],
  [[0x1f, 0x8b], 0, 'a gzip archive', 'unpack it'],
  [bytesOf('BZh'), 0, 'a bzip2 archive', 'unpack it'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], 0, 'an xz archive', 'unpack it'],
  [[0x28, 0xb5, 0x2f, 0xfd], 0, 'a zstd archive', 'unpack it'],
  [[0x37, 0x7a, 0xbc, 0xaf], 0, 'a 7-Zip archive', 'unpack it'],
  [bytesOf('ustar'), 257, 'a tar archive', 'unpack it'],
  [[0x89, 0x48, 0x44, 0x46], 0, 'an HDF5 file (perhaps Keras)', exportModel],
  [[0x93, ...bytesOf('NUMPY')], 0, 'a NumPy array', exportModel],
  [[0x80, 2], 0, 'a Python pickle (perhaps PyTorch)', exportModel],
  [[0x80, 3], 0, 'a Python pickle', exportModel],
  [[0x80, 4], 0, 'a Python pickle', exportModel],
  [[0x08, 0x01, 0x12], 0, 'a TensorFlow SavedModel', exportModel],
  [[0x93, ...bytesOf('SLIM\n\u0000')], 0, 'a Slimscope container', 'give it a name that ends with .slim'],
  [bytesOf('GGUF'), 0, 'a GGUF model', exportModel],
  [bytesOf('TFL3'), 4, 'a TensorFlow Lite model', exportModel],
  [bytesOf('ORTM'), 4, 'an ONNX Runtime (.ort) model', 'open the ONNX file that it was made from'],
  [bytesOf('{"'), 8, 'a safetensors file', exportModel],
  [[0x89, 0x50, 0x4e, 0x47], 0, 'a PNG picture', openModel],
  [[0xff, 0xd8, 0xff], 0, 'a JPEG picture', openModel],
  [bytesOf('%PDF'), 0, 'a PDF document', openModel],
  [[0x7f, ...bytesOf('ELF')], 0, 'a program', openModel],
  [bytesOf('MZ'), 0, 'a program', openModel],
];

/** The first letters; a byte order mark before them is passed over. */
function ascii(head: Uint8Array): string {
  const from = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  return String.fromCharCode(...head.subarray(from, from + 64));
}

/** Whether the bytes are all of the kind that texts are made of; UTF-8 is. */
function isText(head: Uint8Array): boolean {
  return head.every((b) => b >= 32 || (b >= 9 && b <= 13)) && !head.includes(127);
}

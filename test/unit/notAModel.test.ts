import assert from 'node:assert/strict';
import test from 'node:test';
import { guess, notAModel } from '../../analyzers/formats/guess.ts';
import { detect, formats } from '../../analyzers/formats/index.ts';
import { onnxModel } from '../support/onnxFixture.ts';
import { concat } from '../support/protobuf.ts';

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const at = (offset: number, bytes: Uint8Array): Uint8Array => concat(new Uint8Array(offset), bytes);

const kinds: readonly (readonly [head: Uint8Array, says: RegExp])[] = [
  [text('<!DOCTYPE html>\n<html>'), /HTML page, not a model.*raw file/],
  [text('\n  <html lang="en">'), /HTML page/],
  [text('\ufeff<!doctype html>'), /HTML page/],
  [text('<?xml version="1.0"?>'), /XML/],
  [text('version https://git-lfs.github.com/spec/v1\noid sha256:'), /Git LFS pointer.*git lfs pull/],
  [text('{"a": 1}'), /JSON/],
  [text('[1, 2]'), /JSON/],
  [text('Not Found\n'), /is a text/],
  [text('größe'), /is a text/],
  [text('PK\u0003\u0004....'), /zip archive/],
  [Uint8Array.of(0x1f, 0x8b, 8), /gzip/],
  [Uint8Array.of(0x80, 2, 0x8a), /pickle/],
  [Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d), /HDF5/],
  [text('GGUF\u0003'), /GGUF/],
  [at(4, text('TFL3')), /TensorFlow Lite/],
  [at(4, text('ORTM')), /ONNX Runtime/],
  [concat(Uint8Array.of(90, 0, 0, 0, 0, 0, 0, 0), text('{"w":{"dtype"')), /safetensors/],
  [at(257, text('ustar')), /tar archive/],
  [Uint8Array.of(0x08, 0x01, 0x12, 0x90, 0x80, 0x04), /SavedModel/],
];

for (const [head, says] of kinds) {
  test(`the first bytes tell ${says.source}`, () => {
    const error = notAModel('file.onnx', 1000, head);
    assert.equal(error.code, 'file/not-a-model');
    assert.match(error.message, says);
    assert.match(error.message, /^file\.onnx is /);
    assert.equal(error.offset, 0);
  });
}

test('bytes that say nothing are not given a name', () => {
  assert.equal(guess(Uint8Array.of(0, 1, 2, 3)), null);
  assert.equal(guess(new Uint8Array(0)), null);
  assert.match(notAModel('f', 4, Uint8Array.of(0, 1, 2, 3)).message, /open an ONNX file/);
});

test('an empty file is told as empty', () => {
  assert.equal(notAModel('f', 0, new Uint8Array(0)).code, 'file/empty');
});

test('a file is ONNX by its first bytes whatever its name, or by its name whatever it holds', () => {
  const head = onnxModel({}).subarray(0, 64);
  assert.equal(detect(head, 'model.bin')?.id, 'onnx');
  assert.equal(detect(text('<html>'), 'model.ONNX')?.id, 'onnx');
  assert.equal(detect(new Uint8Array(0), 'empty.onnx')?.id, 'onnx');
  assert.equal(detect(new Uint8Array(0), 'empty'), null);
  for (const [other] of kinds) assert.equal(detect(other.subarray(0, 64), 'model.bin'), null);
});

test('formats have ids of their own and patterns that their names match', () => {
  assert.equal(new Set(formats.map((f) => f.id)).size, formats.length);
  for (const format of formats) {
    for (const pattern of format.patterns) {
      assert.ok(format.matches(new Uint8Array(0), pattern.replace('*', 'x')));
    }
  }
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { Sha256 } from '../../web/sha256.js';

const bytesOf = (text) => new TextEncoder().encode(text);
const ours = (bytes) => new Sha256().update(bytes).hex();
const theirs = (bytes) => createHash('sha256').update(bytes).digest('hex');

test('hashes the examples of FIPS 180-4, as NIST publishes them', () => {
  assert.equal(
    ours(bytesOf('abc')),
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  assert.equal(
    ours(bytesOf('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')),
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  );
  assert.equal(
    ours(bytesOf('a'.repeat(1_000_000))),
    'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
  );
});

test('agrees with another implementation for each length around its blocks', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 251 + 7) & 255);
  for (let length = 0; length <= bytes.length; length += 1) {
    const part = bytes.subarray(0, length);
    assert.equal(ours(part), theirs(part), `${length} bytes`);
  }
});

test('does not care how its input is cut', () => {
  const bytes = Uint8Array.from({ length: 500 }, (_, i) => (i * 17) & 255);
  for (let piece = 1; piece <= 200; piece += 1) {
    const hash = new Sha256();
    for (let at = 0; at < bytes.length; at += piece) hash.update(bytes.subarray(at, at + piece));
    assert.equal(hash.update(new Uint8Array(0)).hex(), theirs(bytes), `pieces of ${piece}`);
  }
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { formatSize } from '../../web/dom.js';
import { formatValue } from '../../web/field.js';

test('writes values with their units', () => {
  assert.equal(formatValue(12), '12');
  assert.equal(formatValue(4600, 'K'), '4600 K');
  assert.equal(formatValue(166, '100 us'), '16.6 ms');
  assert.equal(formatValue(3, '100 us'), '300 µs');
});

test('writes sizes for people', () => {
  assert.equal(formatSize(0), '0 B');
  assert.equal(formatSize(999), '999 B');
  assert.equal(formatSize(1500), '1.5 kB');
  assert.equal(formatSize(48_200_000), '48.2 MB');
  assert.equal(formatSize(999_999_999), '1.0 GB');
});

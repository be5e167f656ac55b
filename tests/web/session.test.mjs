// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { retryDelay } from '../../web/session.js';

test('waits longer after each failure, up to a bound', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 50].map((attempt) => retryDelay(attempt, undefined, 0.5)),
    [250, 500, 1000, 2000, 3000, 3000],
  );
});

test('spreads the viewers of a camera that has restarted', () => {
  assert.equal(retryDelay(2, undefined, 0), 750);
  assert.equal(retryDelay(2, undefined, 1), 1250);
});

test('never comes before the camera asked for it', () => {
  assert.equal(retryDelay(0, 5, 0.5), 5000);
  assert.equal(retryDelay(9, 1, 0.5), 3000);
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { Latest } from '../../web/latest.js';

let sent;
let answer; // Of the call that is under way: {resolve, reject}.
let latest;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  sent = [];
  latest = new Latest((value) => {
    sent.push(value);
    return new Promise((resolve, reject) => (answer = { resolve, reject }));
  });
});

afterEach(() => mock.timers.reset());

const pass = async (ms) => {
  mock.timers.tick(ms);
  await new Promise((resolve) => setImmediate(resolve));
};

test('sends one value at a time, and of those that wait the last one', async () => {
  for (const value of [1, 2, 3]) latest.set(value);
  assert.deepEqual(sent, [1]);
  assert.equal(latest.isBusy, true);
  answer.resolve();
  await pass(40);
  assert.deepEqual(sent, [1, 3]);
  answer.resolve();
  await pass(40);
  assert.deepEqual(sent, [1, 3]);
  assert.equal(latest.isBusy, false);
});

test('goes on after a call that failed', async () => {
  latest.set(1);
  latest.set(2);
  answer.reject(new Error('no'));
  await pass(40);
  assert.deepEqual(sent, [1, 2]);
});

test('is no quicker than a hand, however quick the camera answers', async () => {
  latest.set(1);
  answer.resolve();
  await pass(30);
  latest.set(2);
  assert.deepEqual(sent, [1]);
  await pass(10);
  assert.deepEqual(sent, [1, 2]);
});

test('forgets what waits', async () => {
  latest.set(1);
  latest.set(2);
  latest.forget();
  answer.resolve();
  await pass(40);
  assert.deepEqual(sent, [1]);
});

// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { Drive } from '../../web/drive.js';

let now;
let calls;
let drive;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  now = 0;
  mock.method(performance, 'now', () => now);
  calls = [];
  drive = new Drive(async (method, params) => {
    calls.push(params ? `${method} ${JSON.stringify(params)}` : method);
  });
});
afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

const pass = async (ms) => {
  for (; ms > 0; ms -= 20) {
    now += 20;
    mock.timers.tick(20);
    await new Promise((resolve) => setImmediate(resolve));
  }
};

const LEFT = 'ptz.drive {"pan":-1,"for_ms":1000}';

test('renews the drive for as long as somebody holds it, and then stops', async () => {
  drive.steer({ pan: -1 });
  await pass(1300);
  assert.deepEqual(calls, [LEFT, LEFT, LEFT, LEFT]);
  drive.stop();
  await pass(2000);
  assert.deepEqual(calls.slice(4), ['ptz.stop']);
});

test('a tap is a move that can be seen', async () => {
  drive.steer({ pan: -1 });
  await pass(20);
  drive.stop();
  await pass(100);
  assert.deepEqual(calls, [LEFT]);
  await pass(100);
  assert.deepEqual(calls, [LEFT, 'ptz.stop']);
});

test('a second tap takes the first one further', async () => {
  drive.steer({ pan: -1 });
  drive.stop();
  await pass(60);
  drive.steer({ pan: -1 });
  await pass(1000);
  assert.ok(!calls.includes('ptz.stop'));
});

test('follows a change of direction without stopping', async () => {
  drive.steer({ pan: -1 });
  await pass(100);
  drive.steer({ pan: 0.5 });
  await pass(60);
  assert.deepEqual(calls, [LEFT, 'ptz.drive {"pan":0.5,"for_ms":1000}']);
});

test('does not stop what does not move', async () => {
  drive.stop();
  await pass(500);
  assert.deepEqual(calls, []);
});

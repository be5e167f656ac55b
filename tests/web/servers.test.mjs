// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';

import { IceServers } from '../../web/servers.js';

const TURN = '<turn:turn.example.net>; rel="ice-server"; username="u"; credential="c"';
const MINUTE = 60_000;

let requests;
let link; // What the camera answers with.
let answer; // Resolves the request that is under way.
let storage;

beforeEach(() => {
  requests = [];
  link = null;
  storage = new Map();
  globalThis.localStorage = {
    getItem: (key) => storage.get(key) ?? null,
    setItem: (key, value) => storage.set(key, value),
    removeItem: (key) => storage.delete(key),
  };
  globalThis.fetch = (url, options) => {
    requests.push({ url: String(url), ...options });
    return new Promise((resolve, reject) => {
      answer = (status = 200) => {
        if (status === 0) reject(new TypeError('unreachable'));
        else resolve(new Response('', { status, headers: link === null ? {} : { Link: link } }));
      };
    });
  };
});

const make = () =>
  new IceServers('http://camera:8080/whep', { Authorization: 'Bearer secret' });

const settle = () => new Promise((resolve) => setImmediate(resolve));
const isDone = async (promise) => {
  let done = false;
  promise.then(() => {
    done = true;
  });
  await settle();
  return done;
};

test('asks by OPTIONS, authorized, and waits for the answer', async () => {
  const servers = make();
  link = TURN;
  const ready = servers.ready(0);
  assert.equal(requests[0].method, 'OPTIONS');
  assert.equal(requests[0].headers.Authorization, 'Bearer secret');
  assert.equal(await isDone(ready), false);
  answer();
  await ready;
  assert.deepEqual(servers.list, [
    { urls: 'turn:turn.example.net', username: 'u', credential: 'c' },
  ]);
});

test('waits for no camera that had no servers last time, but asks it', async () => {
  const first = make();
  const ready = first.ready(0);
  answer();
  await ready;

  const next = make(); // The page is loaded again.
  link = TURN;
  assert.equal(await isDone(next.ready(0)), true);
  assert.deepEqual(next.list, []);
  answer();
  await settle();
  assert.equal(next.list.length, 1);

  const afterwards = make();
  assert.equal(await isDone(afterwards.ready(0)), false);
});

test('asks again only when credentials may have grown old', async () => {
  const servers = make();
  link = TURN;
  const ready = servers.ready(0);
  answer();
  await ready;
  await servers.ready(9 * MINUTE);
  assert.equal(requests.length, 1);
  const again = servers.ready(11 * MINUTE);
  assert.equal(requests.length, 2);
  link = TURN.replace('"c"', '"d"');
  answer();
  await again;
  assert.equal(servers.list[0].credential, 'd');
});

test('goes on without when the camera does not answer in time, or not at all', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const slow = make();
  const ready = slow.ready(0);
  mock.timers.tick(1000);
  await ready;
  mock.timers.reset();

  const away = make();
  const failed = away.ready(0);
  answer(0);
  await failed;
  assert.equal(storage.size, 0); // That it has none is not known.
  const asked = requests.length;
  away.ready(1);
  assert.equal(requests.length, asked + 1);
});

test('takes what an answer names, and keeps it when the next one names none', () => {
  const servers = make();
  servers.take(TURN);
  servers.take(null);
  assert.equal(servers.list.length, 1);
});

test('works in a frame without storage', async () => {
  globalThis.localStorage = undefined;
  const servers = make();
  const ready = servers.ready(0);
  answer();
  await ready;
  assert.deepEqual(servers.list, []);
});

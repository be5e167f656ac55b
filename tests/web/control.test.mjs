// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { ControlClient, TIMED_OUT, UNAVAILABLE } from '../../web/control.js';

class FakeChannel extends EventTarget {
  readyState = 'connecting';
  sent = [];

  send(text) {
    this.sent.push(JSON.parse(text));
  }
  open() {
    this.readyState = 'open';
    this.dispatchEvent(new Event('open'));
  }
  close() {
    this.readyState = 'closed';
    this.dispatchEvent(new Event('close'));
  }
  receive(message) {
    const data = typeof message === 'string' ? message : JSON.stringify(message);
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }
}

let events;
let control;
let channel;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  events = [];
  control = new ControlClient({
    onOpen: () => events.push('open'),
    onClose: () => events.push('close'),
  });
  channel = new FakeChannel();
  control.use(channel);
  channel.open();
});
afterEach(() => mock.timers.reset());

test('gives each call its own answer, in whatever order they come', async () => {
  const first = control.call('ptz.get');
  const second = control.call('image.set', { name: 'brightness', value: 3 });
  assert.deepEqual(channel.sent, [
    { jsonrpc: '2.0', id: 1, method: 'ptz.get', params: {} },
    { jsonrpc: '2.0', id: 2, method: 'image.set', params: { name: 'brightness', value: 3 } },
  ]);
  channel.receive({ jsonrpc: '2.0', id: 2, result: 'two' });
  channel.receive({ jsonrpc: '2.0', id: 1, result: 'one' });
  assert.deepEqual(await Promise.all([first, second]), ['one', 'two']);
});

test('takes the answers of a batch', async () => {
  const calls = [control.call('a'), control.call('b')];
  channel.receive([
    { jsonrpc: '2.0', id: 1, result: 1 },
    { jsonrpc: '2.0', id: 2, result: null },
  ]);
  assert.deepEqual(await Promise.all(calls), [1, null]);
});

test('throws what the camera refused, in its own words', async () => {
  const call = control.call('ptz.move', { pan: 7 });
  channel.receive({
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32001, message: 'needs an operator', data: { needed_role: 'operator' } },
  });
  await assert.rejects(call, {
    name: 'ControlError',
    code: -32001,
    message: 'needs an operator',
    data: { needed_role: 'operator' },
  });
});

test('gives up on a camera that does not answer, and ignores what comes then', async () => {
  const call = control.call('ptz.get');
  mock.timers.tick(8000);
  await assert.rejects(call, { code: TIMED_OUT });
  channel.receive({ jsonrpc: '2.0', id: 1, result: {} });
});

test('hands notifications to all who listen', () => {
  const heard = [];
  control.on('ptz.changed', (params) => heard.push(params));
  control.on('ptz.changed', () => heard.push('me too'));
  channel.receive({ jsonrpc: '2.0', method: 'ptz.changed', params: { pan: 1 } });
  channel.receive({ jsonrpc: '2.0', method: 'unheard.of' });
  assert.deepEqual(heard, [{ pan: 1 }, 'me too']);
});

test('ignores rubbish', () => {
  for (const rubbish of ['', '{', 'null', '[null]', '7', '{"id":99,"result":1}'])
    channel.receive(rubbish);
  assert.deepEqual(events, ['open']);
});

test('fails the calls of a session that has ended, and goes on with the next one', async () => {
  const heard = [];
  control.on('log.added', () => heard.push('log'));
  const call = control.call('ptz.get');
  channel.close();
  await assert.rejects(call, { code: UNAVAILABLE });
  await assert.rejects(control.call('ptz.get'), { code: UNAVAILABLE });
  const next = new FakeChannel();
  control.use(next);
  assert.equal(control.isOpen, false);
  next.open();
  assert.equal(control.isOpen, true);
  assert.deepEqual(events, ['open', 'close', 'open']);
  next.receive({ jsonrpc: '2.0', method: 'log.added' });
  assert.deepEqual(heard, ['log']);
});

test('says so when the session has ended without a word', async () => {
  const call = control.call('ptz.get');
  control.use(undefined);
  await assert.rejects(call, { code: UNAVAILABLE });
  assert.deepEqual(events, ['open', 'close']);
});

test('hears nothing from the channel of an old session', () => {
  const heard = [];
  control.on('ptz.changed', (params) => heard.push(params));
  control.use(new FakeChannel());
  channel.receive({ jsonrpc: '2.0', method: 'ptz.changed', params: {} });
  channel.close();
  assert.deepEqual(heard, []);
  assert.deepEqual(events, ['open', 'close']);
});

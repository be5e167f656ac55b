// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { Camera } from '../../web/camera.js';

// What a ControlClient is to the camera.
class FakeControl {
  answers = {};
  calls = [];
  listeners = new Map();

  async call(method, params = {}) {
    this.calls.push([method, params]);
    const answer = this.answers[method];
    if (answer instanceof Error) throw answer;
    return answer ?? {};
  }
  on(method, listener) {
    this.listeners.set(method, listener);
  }
}

let control;
let camera;
let events;

beforeEach(() => {
  control = new FakeControl();
  control.answers = {
    'session.get': {
      role: 'operator',
      methods: ['image.list', 'image.set', 'ptz.get'],
      topics: ['image', 'ptz', 'stream', 'outputs', 'stats', 'files'],
    },
    'image.list': {
      controls: [
        { name: 'brightness', value: 1 },
        { name: 'contrast', value: 2 },
      ],
    },
    'ptz.get': { pan: 0, can: { pan: true } },
  };
  camera = new Camera(control);
  events = [];
  for (const type of ['access', 'image', 'ptz', 'stream', 'outputs', 'log', 'refused'])
    camera.addEventListener(type, () => events.push(type));
});

const called = (method) => control.calls.filter(([name]) => name === method);

test('asks who it is, and then for what it may see', async () => {
  await camera.load();
  assert.equal(camera.role, 'operator');
  assert.equal(camera.can('image.set'), true);
  assert.equal(camera.can('settings.list'), false);
  assert.deepEqual(
    camera.image.map(({ name }) => name),
    ['brightness', 'contrast'],
  );
  assert.equal(camera.ptz.can.pan, true);
  assert.deepEqual(camera.outputs, []);
  assert.equal(called('outputs.list').length, 0);
  assert.deepEqual(called('events.subscribe')[0][1].topics, [
    'image',
    'ptz',
    'stream',
    'outputs',
    'files',
  ]);
});

test('follows what changes', async () => {
  await camera.load();
  control.listeners.get('image.changed')({
    complete: false,
    controls: [{ name: 'contrast', value: 9 }],
  });
  assert.deepEqual(camera.image, [
    { name: 'brightness', value: 1 },
    { name: 'contrast', value: 9 },
  ]);
  control.listeners.get('image.changed')({ complete: true, controls: [{ name: 'hue', value: 2 }] });
  assert.deepEqual(camera.image, [{ name: 'hue', value: 2 }]);
  control.listeners.get('ptz.changed')({ pan: 1 });
  assert.equal(camera.ptz.pan, 1);
  assert.deepEqual(events.slice(-2), ['image', 'ptz']);
});

test('takes back what a smaller role does not see', async () => {
  await camera.load();
  control.answers['session.get'] = { role: 'viewer', methods: [], topics: [] };
  await camera.load();
  assert.deepEqual(camera.image, []);
  assert.equal(camera.ptz, undefined);
});

test('asks anew after logging in, and only then', async () => {
  control.answers['session.log_in'] = new Error('wrong');
  await assert.rejects(camera.logIn('guess'), /wrong/);
  assert.equal(called('session.get').length, 0);
  control.answers['session.log_in'] = { role: 'admin' };
  await camera.logIn('right');
  assert.deepEqual(called('session.log_in')[1][1], { token: 'right' });
  assert.equal(called('session.get').length, 1);
});

test('subscribes to what somebody wants for as long as anybody does', async () => {
  camera.want('log');
  camera.want('log');
  camera.release('log');
  assert.equal(called('events.subscribe').length, 1);
  assert.equal(called('events.unsubscribe').length, 0);
  camera.release('log');
  assert.deepEqual(called('events.unsubscribe')[0][1], { topics: ['log'] });
});

test('subscribes in a new session to what is wanted then', async () => {
  camera.want('log');
  await camera.load();
  // Asking for one topic too many would be refused as a whole.
  assert.ok(!called('events.subscribe').at(-1)[1].topics.includes('log'));
  control.answers['session.get'].topics.push('log');
  await camera.load();
  assert.ok(called('events.subscribe').at(-1)[1].topics.includes('log'));
});

test('makes an event of an attempt that goes wrong', async () => {
  control.answers['image.set'] = new Error('out of range');
  assert.equal(await camera.attempt('image.set', {}), undefined);
  assert.deepEqual(events, ['refused']);
});

test('survives a session that ends while it asks', async () => {
  control.answers['session.get'] = new Error('gone');
  await camera.load();
  assert.deepEqual(events, []);
});

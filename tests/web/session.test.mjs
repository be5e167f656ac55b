// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';

import { retryDelay, Session } from '../../web/session.js';
import { FakePeerConnection, sdp } from './fake_peer_connection.mjs';

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

describe('a session', () => {
  let now;
  let requests;
  let states;
  let session;
  let cameraIsAway;
  let isLocked; // False, or the status that says so.
  let channels;
  const status = {
    source: { error: '' },
    network: { servers: [{ url: 'turn:t.example', state: 'failed', reason: 'no answer' }] },
    viewers: [],
    viewer_count: 1,
  };

  const respond = (url, method) => {
    if (url.includes('/status')) return new Response(JSON.stringify(status));
    switch (method) {
      case 'POST':
        if (isLocked)
          return new Response('{"detail":"This camera wants a token"}', {
            status: isLocked,
            headers: { 'Content-Type': 'application/problem+json' },
          });
        return new Response(sdp('camera'), {
          status: 201,
          headers: { Location: `/whep/session${requests.length}`, ETag: '"g1"' },
        });
      case 'PATCH':
        return new Response('a=ice-ufrag:camera2\r\na=ice-pwd:secret2\r\n', {
          status: 200,
          headers: { ETag: '"g2"' },
        });
      default:
        return new Response('');
    }
  };

  const settle = async () => {
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  };

  const pass = async (ms) => {
    for (; ms > 0; ms -= 100) {
      now += 100;
      mock.timers.tick(100);
      await settle();
    }
  };

  const goLive = async () => {
    session.pc.become('connected');
    session.frameShown();
    await settle();
  };

  const count = (method) => requests.filter((request) => request.method === method).length;

  beforeEach(async () => {
    now = 1000;
    requests = [];
    states = [];
    cameraIsAway = false;
    isLocked = false;
    channels = [];
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
    mock.method(performance, 'now', () => now);
    globalThis.document = { hidden: false };
    globalThis.localStorage = undefined;
    globalThis.RTCPeerConnection = FakePeerConnection;
    globalThis.fetch = async (url, { method = 'GET', headers }) => {
      requests.push({ url: String(url), method, headers });
      if (cameraIsAway) throw new TypeError('unreachable');
      const response = respond(String(url), method);
      Object.defineProperty(response, 'url', { value: 'http://camera:8080/whep' });
      return response;
    };
    session = new Session({
      endpoint: new URL('http://camera:8080/whep'),
      statusUrl: new URL('http://camera:8080/status'),
      onState: (state, reason) => states.push([state, reason]),
      onTrack() {},
      onChannel: (channel) => channels.push(channel),
      onStats() {},
      onStatus() {},
    });
    session.start();
    await settle();
  });
  afterEach(() => {
    session.stop();
    mock.timers.reset();
    mock.restoreAll();
  });

  test('restarts ICE when the path has been away for a moment, in the same session', async () => {
    await goLive();
    session.pc.become('disconnected');
    await pass(900);
    assert.equal(count('PATCH'), 0);
    await pass(200);
    assert.equal(count('PATCH'), 1);
    assert.equal(session.state, 'restarting');
    await goLive();
    assert.equal(session.state, 'live');
    assert.equal(count('POST'), 1);
  });

  test('does nothing when the path comes back within that moment', async () => {
    await goLive();
    session.pc.become('disconnected');
    await pass(500);
    session.pc.become('connected');
    await pass(1000);
    assert.equal(count('PATCH'), 0);
  });

  test('restarts ICE at once when the network changes', async () => {
    await goLive();
    session.hurry();
    await settle();
    assert.equal(count('PATCH'), 1);
  });

  test('falls back to a new session when the restart finds no path', async () => {
    await goLive();
    session.hurry();
    await settle();
    session.pc.become('failed');
    await pass(400);
    assert.equal(count('DELETE'), 1);
    assert.equal(count('POST'), 2);
  });

  test('comes again at once when the network is back', async () => {
    await goLive();
    cameraIsAway = true;
    session.hurry();
    await settle();
    assert.deepEqual(states.at(-1), ['waiting', 'The camera cannot be reached']);
    cameraIsAway = false;
    session.hurry();
    await settle();
    assert.equal(count('POST'), 2);
  });

  test('says what was tried when nothing connects, and has more patience next time', async () => {
    session.pc.gather(1000);
    await pass(7000);
    assert.deepEqual(
      states.find(([state]) => state === 'waiting'),
      [
        'waiting',
        'No media path to the camera. The camera named no address. For the camera, ' +
          'turn:t.example: no answer. There is no TURN server to relay.',
      ],
    );
    assert.equal(count('POST'), 2);
    await pass(8500);
    assert.equal(count('POST'), 2);
    await pass(2500);
    assert.equal(count('POST'), 3);
  });

  test('asks the camera about this viewer, more often when somebody looks', async () => {
    await goLive();
    await pass(1000);
    const asked = () => requests.filter(({ url }) => url.includes('/status')).length;
    assert.match(
      requests.find(({ url }) => url.includes('/status')).url,
      /\/status\?viewer=session\d+$/,
    );
    const before = asked();
    for (let i = 0; i < 20; i++) {
      session.frameShown();
      await pass(500);
    }
    assert.equal(asked() - before, 1);
    session.isLookedAt = true;
    for (let i = 0; i < 20; i++) {
      session.frameShown();
      await pass(500);
    }
    assert.equal(asked() - before, 5);
  });

  test('opens the control channel before it offers, in every session', async () => {
    assert.equal(channels.length, 1);
    const [{ label, protocol, ordered }] = channels;
    assert.deepEqual(
      { label, protocol, ordered },
      {
        label: 'control',
        protocol: 'ocellus.control.v1',
        ordered: true,
      },
    );
    await goLive();
    session.pc.become('failed');
    await pass(100);
    session.pc.become('failed');
    await pass(400);
    assert.deepEqual(
      channels.map((channel) => channel?.label),
      ['control', undefined, 'control'],
    );
  });

  test('takes too many guesses for a locked door, but waits with a token that was right', async () => {
    isLocked = 429;
    session.useToken('guess');
    await settle();
    assert.equal(session.state, 'locked');
    isLocked = false;
    session.useToken('right');
    await settle();
    await goLive();
    isLocked = 429;
    session.pc.become('failed');
    await pass(100);
    session.pc.become('failed');
    await pass(500);
    assert.equal(session.state, 'waiting');
  });

  test('asks for a token instead of knocking for ever', async () => {
    isLocked = 401;
    session.useToken('wrong');
    await settle();
    assert.deepEqual(states.at(-1), ['locked', 'This camera wants a token']);
    const before = requests.length;
    session.hurry();
    await pass(20_000);
    assert.equal(requests.length, before);

    isLocked = false;
    session.useToken('right');
    await settle();
    assert.equal(requests.at(-1).headers.Authorization, 'Bearer right');
    await goLive();
    assert.equal(session.state, 'live');
  });
});

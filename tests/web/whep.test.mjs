// SPDX-License-Identifier: Apache-2.0
// The WHEP client against a fake camera and a fake RTCPeerConnection.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { WhepClient, WhepError } from '../../web/whep.js';
import { FakePeerConnection, sdp } from './fake_peer_connection.mjs';

let requests;
let respond; // (method) => {status, headers, body}
let servers; // What IceServers is to a client.

beforeEach(() => {
  requests = [];
  respond = (method) => ({
    status: { POST: 201, PATCH: 204, DELETE: 200 }[method],
    headers:
      method === 'POST'
        ? { Location: '/whep/x1', ETag: '"g1"', 'Content-Type': 'application/sdp' }
        : {},
    body: method === 'POST' ? sdp('camera') : null,
  });
  servers = {
    list: [],
    taken: [],
    async ready() {},
    take(link) {
      this.taken.push(link);
    },
  };
  globalThis.RTCPeerConnection = FakePeerConnection;
  globalThis.fetch = async (url, { method, headers, body, keepalive }) => {
    requests.push({ url: String(url), method, headers, body, keepalive });
    const answer = respond(method);
    const response = new Response(answer.body, { status: answer.status, headers: answer.headers });
    Object.defineProperty(response, 'url', { value: 'http://camera:8080/whep' });
    return response;
  };
});

const newClient = (options = {}) =>
  new WhepClient('http://camera:8080/whep', {
    headers: {},
    servers,
    onTrack() {},
    onConnectionState() {},
    ...options,
  });

const connect = async (options = {}) => {
  const client = newClient(options);
  await client.connect();
  return client;
};

// Lets the trickle timer and everything behind it run.
const settle = () => new Promise((resolve) => setTimeout(resolve, 40));

test('offers, and takes the answer', async () => {
  const client = await connect({ headers: { Authorization: 'Bearer secret' } });
  assert.equal(requests[0].method, 'POST');
  assert.equal(requests[0].headers['Content-Type'], 'application/sdp');
  assert.equal(requests[0].headers.Authorization, 'Bearer secret');
  assert.equal(requests[0].body, sdp('u1'));
  assert.deepEqual(client.pc.remoteDescription, { type: 'answer', sdp: sdp('camera') });
  assert.equal(client.id, 'x1');
});

// Section 4.6.2: "MUST wait and buffer any gathered candidates until the '201 Created'" and "a single
// aggregated HTTP PATCH request".
test('sends the candidates in one PATCH once the session is known', async () => {
  const client = newClient();
  const connected = client.connect();
  await Promise.resolve().then(() => {}).then(() => {});
  FakePeerConnection.last.gather(1000);
  await connected;
  FakePeerConnection.last.gather(2000);
  FakePeerConnection.last.onicecandidate({ candidate: null });
  await settle();
  assert.deepEqual(
    requests.map(({ method }) => method),
    ['POST', 'PATCH'],
  );
  assert.equal(requests[1].url, 'http://camera:8080/whep/x1');
  assert.equal(requests[1].headers['If-Match'], '"g1"');
  assert.equal(requests[1].headers['Content-Type'], 'application/trickle-ice-sdpfrag');
  assert.match(
    requests[1].body,
    /1000 typ host\r\na=candidate:.* 2000 typ host\r\na=end-of-candidates\r\n$/,
  );
});

test('restarts ICE with If-Match: * and trickles with the new tag', async () => {
  const client = await connect();
  respond = () => ({
    status: 200,
    headers: { ETag: '"g2"' },
    body: 'a=ice-ufrag:camera2\r\na=ice-pwd:secret2\r\n',
  });
  await client.restartIce();
  assert.equal(requests[1].headers['If-Match'], '*');
  assert.match(requests[1].body, /a=ice-ufrag:u2/);
  assert.match(client.pc.remoteDescription.sdp, /a=ice-ufrag:camera2/);
  client.pc.gather(999, 'u1'); // Of the ICE session that is over.
  client.pc.gather(3000);
  respond = () => ({ status: 204, body: null });
  await settle();
  assert.equal(requests[2].headers['If-Match'], '"g2"');
  assert.match(requests[2].body, /3000/);
  assert.doesNotMatch(requests[2].body, / 999 /);
});

test('keeps the session when a restart is refused', async () => {
  const client = await connect();
  respond = () => ({
    status: 422,
    headers: { 'Content-Type': 'application/problem+json' },
    body: '{"detail":"no new credentials"}',
  });
  await assert.rejects(client.restartIce(), new WhepError('no new credentials', { status: 422 }));
  assert.equal(client.pc.signalingState, 'stable');
  client.pc.gather(4000);
  await settle();
  assert.equal(requests[2].headers['If-Match'], '"g1"');
});

// Section 4.3.2.
test('answers a counter-offer', async () => {
  respond = (method) =>
    method === 'POST'
      ? {
          status: 406,
          headers: { Location: '/whep/x2', ETag: '"g1"', 'Content-Type': 'application/sdp' },
          body: sdp('camera'),
        }
      : { status: 204, body: null };
  const client = await connect();
  assert.deepEqual(client.pc.remoteDescription, { type: 'offer', sdp: sdp('camera') });
  assert.equal(requests[1].method, 'PATCH');
  assert.equal(requests[1].url, 'http://camera:8080/whep/x2');
  assert.equal(requests[1].headers['Content-Type'], 'application/sdp');
});

test('tells why it is refused, and when to come again', async () => {
  respond = () => ({
    status: 503,
    headers: { 'Content-Type': 'application/problem+json', 'Retry-After': '5' },
    body: '{"detail":"All 50 viewers are taken"}',
  });
  await assert.rejects(connect(), (error) => {
    assert.equal(error.message, 'All 50 viewers are taken');
    assert.equal(error.status, 503);
    assert.equal(error.retryAfter, 5);
    return true;
  });
  respond = () => ({ status: 502, body: '<html>' });
  await assert.rejects(connect(), /502/);
});

test('gathers with the servers that the camera names before the offer', async () => {
  servers.ready = async () => {
    servers.list = [{ urls: 'stun:stun.example.net' }];
  };
  const client = await connect();
  assert.deepEqual(client.pc.gatheredWith, [{ urls: 'stun:stun.example.net' }]);
});

test('uses the other servers when there is one that the browser refuses', async () => {
  servers.list = ['stun:a.example', 'bad:b.example', 'turn:c.example'].map((urls) => ({ urls }));
  const client = await connect();
  assert.deepEqual(
    client.pc.gatheredWith.map(({ urls }) => urls),
    ['stun:a.example', 'turn:c.example'],
  );
});

test('keeps the servers of the answer, with fresh credentials, for a restart', async () => {
  respond = () => ({
    status: 201,
    headers: {
      Location: '/whep/x1',
      ETag: '"g1"',
      Link: '<turn:turn.example.net>; rel="ice-server"; username="u"; credential="c"',
    },
    body: sdp('camera'),
  });
  const client = await connect();
  assert.match(servers.taken[0], /^<turn:turn\.example\.net>/);
  assert.deepEqual(client.pc.gatheredWith, []);
  servers.list = [{ urls: 'turn:turn.example.net', username: 'u', credential: 'c' }];
  respond = () => ({
    status: 200,
    headers: { ETag: '"g2"' },
    body: 'a=ice-ufrag:camera2\r\na=ice-pwd:secret2\r\n',
  });
  await client.restartIce();
  assert.deepEqual(client.pc.gatheredWith, servers.list);
});

test('notes what it had to connect with', async () => {
  respond = () => ({
    status: 201,
    headers: { Location: '/whep/x1' },
    body: sdp('camera') + 'a=candidate:1 1 udp 2130706431 192.0.2.2 8555 typ host\r\n',
  });
  const client = await connect();
  client.pc.gather(1000);
  client.pc.onicecandidateerror({ url: 'turn:t.example', errorCode: 401, errorText: 'Unauthorized' });
  assert.match(
    client.diary.explain(),
    /Tried direct addresses here with direct ones of the camera, over UDP\. turn:t\.example refuses/,
  );
});

test('ends the session, even one that comes too late', async () => {
  const client = await connect();
  client.close();
  client.close();
  assert.deepEqual(
    requests.slice(1).map(({ method, url, keepalive }) => ({ method, url, keepalive })),
    [{ method: 'DELETE', url: 'http://camera:8080/whep/x1', keepalive: true }],
  );

  requests = [];
  const late = newClient();
  const connected = late.connect();
  await settle();
  late.close();
  await connected;
  assert.equal(requests.at(-1).method, 'DELETE');
});

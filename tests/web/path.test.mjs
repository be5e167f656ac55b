// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { describePair, describePath, IceDiary, pathOf } from '../../web/path.js';

const stats = (local, remote) =>
  new Map([
    ['L', { id: 'L', type: 'local-candidate', ...local }],
    ['R', { id: 'R', type: 'remote-candidate', ...remote }],
  ]);
const pair = { localCandidateId: 'L', remoteCandidateId: 'R' };

test('reads both ends of the path from the statistics', () => {
  const path = pathOf(
    pair,
    stats(
      { candidateType: 'srflx', protocol: 'udp', address: '203.0.113.7', port: 4000 },
      { candidateType: 'host', protocol: 'udp', ip: '2001:db8::2', port: 8555 },
    ),
  );
  assert.deepEqual(path, {
    localType: 'srflx',
    remoteType: 'host',
    localAddress: '203.0.113.7:4000',
    remoteAddress: '[2001:db8::2]:8555',
    protocol: 'udp',
    relayProtocol: undefined,
  });
  assert.equal(pathOf(undefined, new Map()), undefined);
  assert.equal(pathOf(pair, new Map()), undefined);
});

test('leaves out an address that the browser hides', () => {
  const path = pathOf(
    pair,
    stats({ candidateType: 'host', protocol: 'udp', address: null, port: 4000 }, {}),
  );
  assert.equal(path.localAddress, undefined);
});

test('says in a word or two how the picture comes', () => {
  const path = (localType, remoteType, protocol, relayProtocol) =>
    describePath({ localType, remoteType, protocol, relayProtocol });
  assert.equal(path('host', 'prflx', 'udp'), 'Direct');
  assert.equal(path('srflx', 'host', 'udp'), 'Direct');
  assert.equal(path('host', 'host', 'tcp'), 'Direct, TCP');
  assert.equal(path('host', 'relay', 'udp'), 'Relayed');
  assert.equal(path('relay', 'host', 'udp', 'udp'), 'Relayed');
  assert.equal(path('relay', 'host', 'udp', 'tls'), 'Relayed, TLS');
  assert.equal(describePath(undefined), '–');
});

const sdp = (...types) =>
  types
    .map((type, index) => `a=candidate:${index} 1 UDP 1 192.0.2.${index} 8555 typ ${type}\r\n`)
    .join('');

test('explains what was tried when nothing connects', () => {
  const diary = new IceDiary();
  diary.addLocal({ type: 'host', protocol: 'udp' });
  diary.addLocal({ type: 'host', protocol: 'udp' });
  diary.addLocal({ type: 'srflx', protocol: 'udp' });
  diary.addLocal({ type: 'host', protocol: 'tcp' });
  diary.addRemote('v=0\r\n' + sdp('host', 'relay'));
  assert.equal(
    diary.explain(),
    'No media path to the camera. Tried NAT-mapped and direct addresses here with direct and ' +
      'relayed ones of the camera, over UDP and TCP.',
  );
});

test('says what became of the servers', () => {
  const diary = new IceDiary();
  diary.addLocal({ type: 'relay', protocol: 'udp', relayProtocol: 'tls', url: 'turns:a.example' });
  diary.addRemote(sdp('host'));
  const error = (url, errorCode, errorText) => diary.addError({ url, errorCode, errorText });
  error('turns:a.example', 701, 'another interface');
  error('turn:b.example', 701, 'TURN host lookup received error.');
  error('turn:c.example', 401, 'Unauthorized');
  error('turn:d.example', 486, 'Allocation Quota Reached');
  assert.equal(
    diary.explain(
      [{ urls: 'turns:a.example' }],
      [
        { url: 'turn:e.example', state: 'failed', reason: 'no answer' },
        { url: 'turn:f.example', state: 'ready', reason: null },
      ],
    ),
    'No media path to the camera. Tried relayed addresses here with direct ones of the camera, ' +
      'over TLS. turn:b.example cannot be reached. turn:c.example refuses the credentials. ' +
      'turn:d.example answers 486 (Allocation Quota Reached). For the camera, turn:e.example: no ' +
      'answer.',
  );
});

test('says so when there was nothing to try', () => {
  const diary = new IceDiary();
  assert.equal(
    diary.explain(),
    'No media path to the camera. This browser found no address of its own. There is no TURN ' +
      'server to relay.',
  );
  diary.addLocal({ type: 'host', protocol: 'udp' });
  assert.match(diary.explain(), /The camera named no address\. There is no TURN server/);
});

test('writes a pair as the camera sees it', () => {
  const failed = {
    local_type: 'relay',
    remote_type: 'srflx',
    protocol: 'udp',
    relay_protocol: 'tcp',
    state: 'failed',
    reason: 'no answer',
  };
  assert.equal(describePair(failed), 'relay → srflx, TCP: no answer');
  assert.equal(
    describePair({ ...failed, relay_protocol: null, state: 'waiting', reason: null }),
    'relay → srflx, UDP: waiting',
  );
});

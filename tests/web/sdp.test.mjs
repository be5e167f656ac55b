// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { iceCredentials, iceFragment, iceServers, restartedAnswer } from '../../web/sdp.js';

const offer = [
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'm=video 50123 UDP/TLS/RTP/SAVPF 96 97',
  'a=mid:0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789abcdefghijkl',
  'a=ice-options:trickle',
  'a=recvonly',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'a=mid:1',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789abcdefghijkl',
  '',
].join('\r\n');

test('finds the ICE credentials', () => {
  assert.deepEqual(iceCredentials(offer), { ufrag: 'abcd', pwd: '0123456789abcdefghijkl' });
});

// RFC 8840 section 4.4 and the draft's own example.
test('writes a fragment for the media that the bundle begins with', () => {
  assert.equal(
    iceFragment(
      offer,
      ['candidate:1 1 udp 1 192.0.2.1 1 typ host', 'a=candidate:2 1 udp 1 192.0.2.1 2 typ host'],
      true,
    ),
    [
      'a=ice-options:trickle',
      'a=group:BUNDLE 0 1',
      'm=video 9 UDP/TLS/RTP/SAVPF 96 97',
      'a=mid:0',
      'a=ice-ufrag:abcd',
      'a=ice-pwd:0123456789abcdefghijkl',
      'a=candidate:1 1 udp 1 192.0.2.1 1 typ host',
      'a=candidate:2 1 udp 1 192.0.2.1 2 typ host',
      'a=end-of-candidates',
      '',
    ].join('\r\n'),
  );
  assert.doesNotMatch(iceFragment(offer, [], false), /end-of-candidates/);
});

test('puts the restarted ICE session into the answer of before', () => {
  const answer = [
    'v=0',
    'm=video 8555 UDP/TLS/RTP/SAVPF 96',
    'a=mid:0',
    'a=ice-ufrag:old1',
    'a=ice-pwd:oldpassword',
    'a=candidate:1 1 udp 1 192.0.2.1 8555 typ host',
    'a=end-of-candidates',
    'a=sendonly',
    'm=audio 0 UDP/TLS/RTP/SAVPF 111',
    'a=mid:1',
    'a=ice-ufrag:old1',
    'a=ice-pwd:oldpassword',
    '',
  ].join('\r\n');
  const fragment =
    'a=ice-ufrag:new1\r\na=ice-pwd:newpassword\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n' +
    'a=candidate:2 1 udp 1 198.51.100.1 8555 typ host\r\na=end-of-candidates\r\n';
  assert.equal(
    restartedAnswer(answer, fragment),
    [
      'v=0',
      'm=video 8555 UDP/TLS/RTP/SAVPF 96',
      'a=mid:0',
      'a=ice-ufrag:new1',
      'a=ice-pwd:newpassword',
      'a=sendonly',
      'a=candidate:2 1 udp 1 198.51.100.1 8555 typ host',
      'a=end-of-candidates',
      'm=audio 0 UDP/TLS/RTP/SAVPF 111',
      'a=mid:1',
      'a=ice-ufrag:new1',
      'a=ice-pwd:newpassword',
      '',
    ].join('\r\n'),
  );
  assert.throws(() => restartedAnswer(answer, 'a=ice-ufrag:new1'), /no ICE credentials/);
});

// RFC 9725 section 4.6; fetch joins repeated fields with commas.
test('reads the ICE servers of Link', () => {
  const link =
    '<stun:stun.example.net>; rel="ice-server", ' +
    '<turn:turn.example.net?transport=udp>; rel="ice-server"; username="us,er"; credential="a\\"b"; credential-type="password", ' +
    '<https://example.net/events>; rel="urn:ietf:params:whep:ext:events", <stun:plain.example.net>;rel=ice-server';
  assert.deepEqual(iceServers(link), [
    { urls: 'stun:stun.example.net' },
    { urls: 'turn:turn.example.net?transport=udp', username: 'us,er', credential: 'a"b' },
    { urls: 'stun:plain.example.net' },
  ]);
  assert.deepEqual(iceServers(null), []);
});

// As firmware/signaling/whep.cc writes them (tests/signaling/whep_test.cc).
test('reads credentials whatever they hold', () => {
  const link = (username, credential) =>
    `<turn:t.example>; rel="ice-server"; username=${username}; credential=${credential}; ` +
    'credential-type="password"';
  const read = (header) =>
    iceServers(header).map(({ username, credential }) => [username, credential]);
  assert.deepEqual(
    read(
      link('"1795219604:cam,era"', '"a\\\\b\\"; rel=\\"next"') +
        ', ' +
        link('"<u>"', '"a, <turn:evil.example>; b"'),
    ),
    [
      ['1795219604:cam,era', 'a\\b"; rel="next'],
      ['<u>', 'a, <turn:evil.example>; b'],
    ],
  );
  // UTF-8, one character for each byte, as fetch hands it out.
  assert.deepEqual(read(link('"k\xC3\xA4se"', '"+/=="')), [['käse', '+/==']]);
});

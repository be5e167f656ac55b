// SPDX-License-Identifier: Apache-2.0
// A peer that is no browser, with ICE, DTLS, SRTP and RTCP of its own (werift): what is on the wire,
// packet by packet, and WHEP by hand.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
  RTCPeerConnection, useH264, useNACK, usePLI, useTWCC, useSdesMid, useTransportWideCC,
} from 'werift';

import { Ocellus } from './ocellus.mjs';

let ocellus;
before(async () => { ocellus = await Ocellus.start(); });
after(async () => {
  await ocellus?.stop();
  // werift keeps timers for a minute after close().
  setTimeout(() => process.exit(), 200);
});

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

// RFC 6184: the kinds of NAL units that begin in an RTP payload.
function nalTypes(payload) {
  const type = payload[0] & 31;
  if (type === 24) {
    const types = [];
    for (let at = 1; at + 2 < payload.length; at += 2 + payload.readUInt16BE(at)) {
      types.push(payload[at + 2] & 31);
    }
    return types;
  }
  if (type === 28) return payload[1] & 0x80 ? [payload[1] & 31] : [];
  return [type];
}

class Viewer {
  packets = [];
  reports = [];

  static async watch() {
    const viewer = new Viewer();
    viewer.pc = new RTCPeerConnection({
      iceServers: [],
      codecs: {
        video: [useH264({
          rtcpFeedback: [useNACK(), usePLI(), useTWCC()],
          parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
        })],
      },
      headerExtensions: { video: [useSdesMid(), useTransportWideCC()] },
    });
    viewer.transceiver = viewer.pc.addTransceiver('video', { direction: 'recvonly' });
    viewer.transceiver.onTrack.subscribe((track) => {
      track.onReceiveRtp.subscribe((packet) => viewer.packets.push(packet));
    });
    viewer.transceiver.receiver.onRtcp.subscribe((packet) => viewer.reports.push(packet));
    const connected = new Promise((resolve) => {
      viewer.pc.connectionStateChange.subscribe((state) => { if (state === 'connected') resolve(); });
    });
    await viewer.pc.setLocalDescription(await viewer.pc.createOffer());
    const response = await fetch(`${ocellus.url}/whep`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: viewer.pc.localDescription.sdp,
    });
    assert.equal(response.status, 201);
    viewer.session = new URL(response.headers.get('Location'), ocellus.url);
    viewer.etag = response.headers.get('ETag');
    viewer.answer = await response.text();
    await viewer.pc.setRemoteDescription({ type: 'answer', sdp: viewer.answer });
    await connected;
    return viewer;
  }

  async end() {
    await this.pc.close();
  }
}

test('packets are numbered without gaps, a picture has one timestamp and one marker', async () => {
  const viewer = await Viewer.watch();
  await sleep(3_000);
  // The first packet comes twice, for nobody can miss it; werift gives both.
  const [, copy] = viewer.packets.splice(0, 2, viewer.packets[0]);
  assert.equal(copy.header.sequenceNumber, viewer.packets[0].header.sequenceNumber);
  const headers = viewer.packets.map((packet) => packet.header);
  assert.ok(headers.length > 100, `${headers.length} packets`);
  assert.equal(new Set(headers.map((header) => header.ssrc)).size, 1);
  const [, answeredSsrc] = /a=ssrc:(\d+)/.exec(viewer.answer);
  assert.equal(headers[0].ssrc, Number(answeredSsrc));
  for (let i = 1; i < headers.length; i++) {
    assert.equal(headers[i].sequenceNumber, (headers[i - 1].sequenceNumber + 1) & 0xffff);
    if (headers[i - 1].marker) assert.notEqual(headers[i].timestamp, headers[i - 1].timestamp);
    else assert.equal(headers[i].timestamp, headers[i - 1].timestamp);
  }
  const pictures = headers.filter((header) => header.marker).length;
  const seconds = ((headers.at(-1).timestamp - headers[0].timestamp) >>> 0) / 90_000;
  assert.ok(Math.abs(pictures / seconds - 30) < 2, `${pictures} pictures in ${seconds} s`);
  // The first is a keyframe with its parameter sets.
  const first = viewer.packets.findIndex((packet) => packet.header.marker);
  const types = viewer.packets.slice(0, first + 1).flatMap((packet) => nalTypes(packet.payload));
  assert.deepEqual(types.slice(0, 3), [7, 8, 5]);
  await viewer.end();
});

test('sender reports carry true NTP time and the name from the answer', async () => {
  const viewer = await Viewer.watch();
  await sleep(3_000);
  const report = viewer.reports.filter((packet) => packet.type === 200).at(-1);
  assert.ok(report, 'no sender report in 3 s');
  const ntp = BigInt(report.senderInfo.ntpTimestamp);
  const unixSeconds = Number(ntp >> 32n) - 2_208_988_800;
  assert.ok(Math.abs(unixSeconds - Date.now() / 1000) < 3, `${unixSeconds}`);
  assert.ok(report.senderInfo.packetCount > 50);
  await viewer.end();
});

test('PLI brings a keyframe', async () => {
  const viewer = await Viewer.watch();
  await sleep(1_500);
  const before = viewer.packets.length;
  await viewer.transceiver.receiver.sendRtcpPLI(viewer.packets[0].header.ssrc);
  await sleep(700);
  const types = viewer.packets.slice(before).flatMap((packet) => nalTypes(packet.payload));
  assert.ok(types.includes(5), 'no IDR picture after PLI');
  await viewer.end();
});

test('WHEP: trickle, its preconditions, and DELETE, which says goodbye', async () => {
  const viewer = await Viewer.watch();
  const ufrag = /a=ice-ufrag:(\S+)/.exec(viewer.pc.localDescription.sdp)[1];
  const pwd = /a=ice-pwd:(\S+)/.exec(viewer.pc.localDescription.sdp)[1];
  const fragment = [
    `a=ice-ufrag:${ufrag}`, `a=ice-pwd:${pwd}`, 'm=video 9 UDP/TLS/RTP/SAVPF 0', 'a=mid:0',
    'a=candidate:9 1 udp 2113937151 10.99.0.77 50000 typ host', 'a=end-of-candidates', '',
  ].join('\r\n');
  const patch = (headers) => fetch(viewer.session, {
    method: 'PATCH',
    headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', ...headers },
    body: fragment,
  });
  assert.equal((await patch({ 'If-Match': viewer.etag })).status, 204);
  assert.equal((await patch({ 'If-Match': '"another"' })).status, 412);
  assert.equal((await patch({})).status, 428);

  // werift does not parse BYE, so look at what SRTCP decrypts to.
  const { srtcp } = viewer.transceiver.receiver.dtlsTransport;
  const decrypt = srtcp.decrypt.bind(srtcp);
  const goodbye = new Promise((resolve) => {
    srtcp.decrypt = (datagram) => {
      const compound = decrypt(datagram);
      for (let at = 0; at + 4 <= compound.length; at += 4 * (compound.readUInt16BE(at + 2) + 1)) {
        if (compound[at + 1] === 203) resolve();
      }
      return compound;
    };
  });
  assert.equal((await fetch(viewer.session, { method: 'DELETE' })).status, 200);
  await goodbye;
  assert.equal((await fetch(viewer.session, { method: 'DELETE' })).status, 404);
  const { viewers } = await ocellus.status();
  assert.equal(viewers.filter((other) => viewer.session.pathname.includes(other.id)).length, 0);
  await viewer.end();
});

test('a broken offer is refused with the line that is wrong', async () => {
  const response = await fetch(`${ocellus.url}/whep`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp' },
    body: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 99999999 X\r\n',
  });
  assert.equal(response.status, 400);
  assert.match(await response.text(), /line 5/);
});

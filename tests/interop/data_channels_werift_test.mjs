// SPDX-License-Identifier: Apache-2.0
// Data channels with a peer that is no browser, with ICE, DTLS and SCTP of its own (werift).
import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, test } from 'node:test';

import { RTCPeerConnection } from 'werift';

import { Talk } from './talk.mjs';

after(() => {
  // werift keeps timers for a minute after close().
  setTimeout(() => process.exit(), 200);
});

const limit = 15_000;
// What werift 0.22.6 gets wrong is left out: it sends empty messages as DATA chunks without data (RFC
// 8831 section 6.6 wants a byte), counts a label's UTF-16 units instead of its bytes, and its partially
// reliable channels are always ordered.
const messages = ['text', Buffer.from([1, 2, 3]), 'Grüße 👋', Buffer.alloc(60_000, 7)];

let talk;
let pc;
beforeEach(() => {
  talk = new Talk();
  pc = new RTCPeerConnection({ iceServers: [] });
});
afterEach(async () => {
  await pc.close();
  await talk.stop();
});

async function connect() {
  await pc.setLocalDescription(await pc.createOffer());
  await pc.setRemoteDescription({ type: 'answer', sdp: await talk.answer(pc.localDescription.sdp) });
  await talk.wait({ event: 'connected' });
}

// Keeps what comes from now on.
class Log {
  received = [];

  constructor(channel) {
    this.channel = channel;
    channel.onMessage.subscribe((data) => this.received.push(data));
  }

  async untilState(state) {
    await until(() => this.channel.readyState === state, `${this.channel.label} is ${state}`);
  }

  async until(count) {
    await until(() => this.received.length >= count, `${count} messages on ${this.channel.label}`);
    return this.received;
  }
}

async function until(isTrue, what) {
  for (const deadline = Date.now() + limit; !isTrue();) {
    assert.ok(Date.now() < deadline, `no sign of: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
}

function findIncoming(label) {
  return new Promise((resolve) => {
    pc.onDataChannel.subscribe((channel) => { if (channel.label === label) resolve(new Log(channel)); });
  });
}

test('its channels, ordered, unordered and partially reliable', async () => {
  const kinds = [{}, { ordered: false }, { maxRetransmits: 2 }, { maxPacketLifeTime: 900 }];
  const logs = kinds.map((kind, i) =>
    new Log(pc.createDataChannel(`echo ${i}`, { protocol: 'p', ...kind })));
  await connect();
  for (const [i, kind] of kinds.entries()) {
    const opened = await talk.wait({ event: 'opened', label: `echo ${i}` });
    assert.equal(opened.ordered, kind.ordered ?? true);
    assert.equal(opened.max_retransmits, kind.maxRetransmits);
    assert.equal(opened.max_lifetime_ms, kind.maxPacketLifeTime);
    assert.equal(opened.protocol, 'p');
    await logs[i].untilState('open');
    for (const message of messages) logs[i].channel.send(message);
    const received = await logs[i].until(messages.length);
    for (const message of messages) {
      assert.ok(received.some((one) => typeof one === typeof message && Buffer.from(one).equals(Buffer.from(message))),
        `${JSON.stringify(kind)}: ${message.length} of ${typeof message}`);
    }
  }
});

test('our channels', async () => {
  const first = new Log(pc.createDataChannel('first'));
  const incoming = findIncoming('ours');
  await connect();
  await first.untilState('open');
  const id = await talk.open({ label: 'ours', protocol: 'Ω', ordered: false, max_retransmits: 5 });
  const ours = await incoming;
  assert.deepEqual(
    { id: ours.channel.id, protocol: ours.channel.protocol, ordered: ours.channel.ordered },
    { id, protocol: 'Ω', ordered: false });
  assert.equal(ours.channel.maxRetransmits, 5);
  await talk.wait({ event: 'opened', id });
  talk.do('send', { id, text: 'text' });
  // Its SDP says that it takes 65,536.
  talk.do('send', { id, bytes: 65_537 });
  await talk.wait({ event: 'refused', do: 'send' });
  talk.do('send', { id, bytes: 65_536 });
  const received = await ours.until(2);
  assert.ok(received.includes('text'));
  const binary = received.find((one) => typeof one !== 'string');
  assert.equal(binary.length, 65_536);
  assert.ok(binary.every((byte, i) => byte === (i & 255)));
  ours.channel.send('and back');
  await talk.wait({ event: 'message', id, text: 'and back' });
});

test('a channel that both sides agree on beforehand', async () => {
  talk.do('open', { label: 'both', negotiated: 10, role: 'echo' });
  const both = new Log(pc.createDataChannel('both', { negotiated: true, id: 10 }));
  await connect();
  await talk.wait({ event: 'opened', id: 10 });
  await both.untilState('open');
  both.channel.send('there');
  assert.deepEqual(await both.until(1), ['there']);
});

test('either side closes', async () => {
  const theirs = new Log(pc.createDataChannel('echo theirs'));
  const ours = new Log(pc.createDataChannel('echo ours'));
  await connect();
  const ids = {};
  for (const label of ['echo theirs', 'echo ours']) ids[label] = (await talk.wait({ event: 'opened', label })).id;
  await theirs.untilState('open');
  await ours.untilState('open');
  theirs.channel.close();
  await talk.wait({ event: 'closed', id: ids['echo theirs'] });
  await theirs.untilState('closed');
  talk.do('close', { id: ids['echo ours'] });
  await ours.untilState('closed');
  await talk.wait({ event: 'closed', id: ids['echo ours'] });
  assert.equal((await talk.stats()).channels, 0);
});

test('both sides open channels at once', async () => {
  const incoming = Array.from({ length: 10 }, (_, i) => findIncoming(`ours ${i}`));
  for (let i = 0; i < 10; ++i) talk.do('open', { label: `ours ${i}` });
  const logs = Array.from({ length: 10 }, (_, i) => new Log(pc.createDataChannel(`echo ${i}`)));
  await connect();
  await Promise.all(incoming);
  for (const [i, log] of logs.entries()) {
    await log.untilState('open');
    log.channel.send(`message ${i}`);
    assert.deepEqual(await log.until(1), [`message ${i}`]);
  }
});

// SPDX-License-Identifier: Apache-2.0
// Sends forged binding requests over loopback at a steady rate and counts what comes back.
//   node flood.mjs PORT PER_SECOND SECONDS UFRAG
// prints {sent, seconds, received}. Half of them name nobody, half the ICE session UFRAG, whose
// password they do not know; all have a right FINGERPRINT, so that looking at them is as much work
// as can be caused from outside.
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { crc32 } from 'node:zlib';

const [port, rate, seconds] = process.argv.slice(2, 5).map(Number);
const ufrag = process.argv[5];

// RFC 8489 section 14.7; zlib has it since Node 20.15.
const fingerprint = (bytes) => (crc32(bytes) ^ 0x5354554e) >>> 0;

function attribute(type, value) {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  Buffer.from(value).copy(bytes, 4);
  return bytes;
}

function forge(username) {
  const attributes = Buffer.concat([
    attribute(0x0006, username),
    attribute(0x0024, [0x6e, 0, 0x1e, 0xff]),
    attribute(0x0025, []),
    attribute(0x8029, randomBytes(8)),
    attribute(0x0008, randomBytes(20)),
  ]);
  const message = Buffer.concat([Buffer.alloc(20), attributes, attribute(0x8028, [0, 0, 0, 0])]);
  message.writeUInt16BE(0x0001, 0);
  message.writeUInt16BE(message.length - 20, 2);
  message.writeUInt32BE(0x2112a442, 4);
  randomBytes(12).copy(message, 8);
  message.writeUInt32BE(fingerprint(message.subarray(0, -8)), message.length - 4);
  return message;
}

const messages = Array.from({ length: 1_000 }, (_, i) =>
  forge(i % 2 ? `${ufrag}:abcd` : `${randomBytes(3).toString('hex')}:abcd`),
);

// Several senders: one could be told by its address alone.
const sockets = await Promise.all(
  Array.from(
    { length: 8 },
    () =>
      new Promise((resolve) => {
        const socket = createSocket('udp4');
        socket.connect(port, '127.0.0.1', () => resolve(socket));
      }),
  ),
);
let received = 0;
for (const socket of sockets)
  socket.on('message', () => {
    received++;
  });

const started = performance.now();
let sent = 0;
await new Promise((resolve) => {
  const tick = () => {
    const elapsed = (performance.now() - started) / 1000;
    for (const due = Math.min(elapsed, seconds) * rate; sent < due; sent++) {
      sockets[sent % sockets.length].send(messages[sent % messages.length]);
    }
    if (elapsed < seconds) setTimeout(tick, 1);
    else resolve();
  };
  tick();
});
const took = (performance.now() - started) / 1000;
await new Promise((resolve) => {
  setTimeout(resolve, 200);
});
for (const socket of sockets) socket.close();
console.log(JSON.stringify({ sent, seconds: took, received }));

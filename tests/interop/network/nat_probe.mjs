// SPDX-License-Identifier: Apache-2.0
// Finds out how the NAT in front of this host maps and filters UDP, by the tests of RFC 5780
// sections 4.3 and 4.4. Independent of the camera's own: it tells whether a laboratory is what its
// label says.
//   node nat_probe.mjs ADDRESS [PORT]     prints {mapped, mapping, filtering}
// mapping: "none" (no NAT), "endpoint-independent", "address-dependent" or
// "address-and-port-dependent"; filtering: the last three. Exits with 1 when the server does not
// answer.
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

const cookie = 0x2112a442;
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const changeRequest = 0x0003;
const xorMappedAddress = 0x0020;
const otherAddress = 0x802c;
const changeIp = 4;
const changePort = 2;

// RFC 8489 section 7.2.1 at a fifth of the pace: everything here is one machine.
const retransmissions = [0, 100, 200, 400];
const patience = 800;

function makeRequest(change) {
  const request = Buffer.alloc(change ? 28 : 20);
  request.writeUInt16BE(bindingRequest, 0);
  request.writeUInt16BE(request.length - 20, 2);
  request.writeUInt32BE(cookie, 4);
  randomBytes(12).copy(request, 8);
  if (change) {
    request.writeUInt16BE(changeRequest, 20);
    request.writeUInt16BE(4, 22);
    request.writeUInt32BE(change, 24);
  }
  return request;
}

// The value of an address attribute; `key` is what it is XORed with.
function readAddress(value, key) {
  const plain = Buffer.from(value);
  for (let i = 0; i < plain.length - 4; i++) plain[4 + i] ^= key[i];
  const port = plain.readUInt16BE(2) ^ key.readUInt16BE(0);
  if (plain[1] === 1) return { address: plain.subarray(4, 8).join('.'), port };
  const groups = [];
  for (let at = 4; at < 20; at += 2) groups.push(plain.readUInt16BE(at).toString(16));
  // The URL parser shortens it as RFC 5952 asks.
  return { address: new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1), port };
}

function parseResponse(message, request) {
  if (message.length < 20 || message.readUInt16BE(0) !== bindingSuccess) return undefined;
  if (message.compare(request, 4, 20, 4, 20) !== 0) return undefined;
  const response = {};
  for (let at = 20; at + 4 <= message.length;) {
    const type = message.readUInt16BE(at);
    const length = message.readUInt16BE(at + 2);
    const value = message.subarray(at + 4, at + 4 + length);
    if (type === xorMappedAddress) response.mapped = readAddress(value, message.subarray(4, 20));
    if (type === otherAddress) response.other = readAddress(value, Buffer.alloc(16));
    at += 4 + length + ((4 - (length % 4)) % 4);
  }
  return response;
}

// Resolves to {mapped, other}, or to undefined when no answer comes.
function ask(socket, { address, port }, change = 0) {
  return new Promise((resolve) => {
    const request = makeRequest(change);
    const timers = retransmissions.map((delay) =>
      setTimeout(() => socket.send(request, port, address), delay),
    );
    const finish = (response) => {
      for (const timer of timers) clearTimeout(timer);
      socket.off('message', listen);
      resolve(response);
    };
    const listen = (message) => {
      const response = parseResponse(message, request);
      if (response) finish(response);
    };
    timers.push(setTimeout(finish, patience));
    socket.on('message', listen);
  });
}

function open(server) {
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
  // A server that is not there says so by ICMP; the time-out says the same.
  socket.on('error', () => {});
  return new Promise((resolve) => {
    socket.bind(0, () => resolve(socket));
  });
}

const same = (a, b) => a.address === b.address && a.port === b.port;

// Section 4.3.
async function probeMapping(socket, server, first) {
  const second = await ask(socket, { address: first.other.address, port: server.port });
  if (!second) throw new Error(`${first.other.address}:${server.port} does not answer`);
  if (same(first.mapped, second.mapped)) return 'endpoint-independent';
  const third = await ask(socket, first.other);
  if (!third) throw new Error(`${first.other.address}:${first.other.port} does not answer`);
  return same(second.mapped, third.mapped) ? 'address-dependent' : 'address-and-port-dependent';
}

// Section 4.4. On a socket that has spoken to the server's first address only.
async function probeFiltering(socket, server) {
  if (!(await ask(socket, server))) throw new Error('The server does not answer a second time');
  if (await ask(socket, server, changeIp | changePort)) return 'endpoint-independent';
  if (await ask(socket, server, changePort)) return 'address-dependent';
  return 'address-and-port-dependent';
}

// Whether there is a NAT at all: the address that the kernel would send from.
function localAddress(server) {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
    socket.connect(server.port, server.address, () => {
      const { address } = socket.address();
      socket.close(() => resolve(address));
    });
  });
}

export async function probe(server) {
  const socket = await open(server);
  const fresh = await open(server);
  try {
    const first = await ask(socket, server);
    if (!first) throw new Error(`${server.address} does not answer: no UDP?`);
    if (!first.other) throw new Error(`${server.address} has no second address (RFC 5780)`);
    const mapping =
      first.mapped.address === (await localAddress(server))
        ? 'none'
        : await probeMapping(socket, server, first);
    return { mapped: first.mapped, mapping, filtering: await probeFiltering(fresh, server) };
  } finally {
    socket.close();
    fresh.close();
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [, , address, port = 3478] = process.argv;
  try {
    console.log(JSON.stringify(await probe({ address, port: Number(port) })));
  } catch (error) {
    console.error(`nat_probe: ${error.message}`);
    process.exitCode = 1;
  }
}

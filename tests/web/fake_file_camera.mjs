// SPDX-License-Identifier: Apache-2.0
// A camera's side of file transfers, and the connections to it: as strict as the real one, with
// memory for a disk. Connections can be cut, and bytes go no faster than the test lets them.

import { createHash } from 'node:crypto';

const WINDOW = 1024 * 1024;
const PROGRESS = 256 * 1024;
const MESSAGE = 16 * 1024;

export const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex');

export class FakeFileCamera {
  files = new Map(); // By area/name.
  parts = new Map(); // By area/name/sha256.
  received = []; // The text messages of all clients.
  channels = [];
  cutAfter = Infinity; // Bytes of file content, either way, after which the connection is cut.
  breakByte; // Damages what is sent or received at this offset.
  isSlow = false; // Uploads stay off the disk.

  connect() {
    const pc = {
      connectionState: 'connected',
      createDataChannel: (label, options) => {
        const channel = new FakeChannel(this, pc, label, options);
        this.channels.push(channel);
        return channel;
      },
    };
    this.pc = pc;
    return pc;
  }

  cut() {
    this.cutAfter = Infinity;
    this.pc.connectionState = 'failed';
    for (const channel of this.channels) channel.lose();
  }

  // Counts `size` bytes of content: how many of them pass before the cut.
  pass(size) {
    const passing = Math.min(size, this.cutAfter);
    this.cutAfter -= passing;
    return passing;
  }
}

// An RTCDataChannel as far as the page uses one, with the camera at its other end.
class FakeChannel extends EventTarget {
  readyState = 'connecting';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  mostBuffered = 0;

  #camera;
  #pc;
  #upload;
  #download;

  constructor(camera, pc, label, options) {
    super();
    Object.assign(this, { label, ...options });
    this.#camera = camera;
    this.#pc = pc;
    setImmediate(() => this.#become('open'));
  }

  send(data) {
    if (this.readyState !== 'open') throw new DOMException('closed', 'InvalidStateError');
    const size = data.byteLength ?? data.length;
    if (typeof data !== 'string' && size > MESSAGE) throw new TypeError('too large');
    this.bufferedAmount += size;
    this.mostBuffered = Math.max(this.mostBuffered, this.bufferedAmount);
    const copy = typeof data === 'string' ? data : Uint8Array.from(data);
    setImmediate(() => this.#arrive(copy, size));
  }

  close() {
    if (this.readyState !== 'closed') setImmediate(() => this.lose());
  }

  lose() {
    if (this.readyState === 'closed') return;
    // What has come of an upload stays on the disk.
    this.#become('closed');
    this.dispatchEvent(new Event('close'));
  }

  // The camera says something.
  say(message) {
    this.#deliver(JSON.stringify(message));
  }

  #become(state) {
    if (this.readyState === 'closed') return;
    this.readyState = state;
    if (state === 'open') this.dispatchEvent(new Event('open'));
  }

  #deliver(data) {
    if (this.readyState === 'open')
      this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }

  #arrive(data, size) {
    if (this.readyState === 'closed') return;
    const before = this.bufferedAmount;
    this.bufferedAmount -= size;
    const low = this.bufferedAmountLowThreshold;
    if (before > low && this.bufferedAmount <= low)
      this.dispatchEvent(new Event('bufferedamountlow'));
    if (typeof data === 'string') this.#handleText(JSON.parse(data));
    else this.#handleBytes(data);
  }

  #handleText(message) {
    this.#camera.received.push(message);
    if (message.type === 'get') this.#offer(message);
    if (message.type === 'put') this.#accept(message);
    if (message.type === 'cancel' && this.#upload) this.#camera.parts.delete(this.#upload.key);
  }

  #offer({ area, name, offset }) {
    const bytes = this.#camera.files.get(`${area}/${name}`);
    if (bytes === undefined) return this.#fail(-32002, 'no such file');
    if (offset > bytes.length) return this.#fail(-32602, '"offset" is behind the end');
    this.say({ type: 'offer', name, size: bytes.length, offset });
    this.#download = { bytes, sent: offset };
    this.#sendOn();
  }

  #sendOn() {
    const { bytes, sent } = this.#download;
    if (this.readyState === 'closed') return;
    if (sent === bytes.length) return this.say({ type: 'end', sha256: hashOf(bytes) });
    const size = Math.min(MESSAGE, bytes.length - sent);
    if (this.#camera.pass(size) < size) return this.#camera.cut();
    const message = bytes.slice(sent, sent + size);
    const broken = this.#camera.breakByte - sent;
    if (broken >= 0 && broken < size) message[broken] ^= 1;
    this.#download.sent += size;
    this.#deliver(message.buffer);
    setImmediate(() => this.#sendOn());
  }

  #accept({ area, name, size, sha256 }) {
    const key = `${area}/${name}/${sha256}`;
    const part = this.#camera.parts.get(key) ?? [];
    this.#camera.parts.set(key, part);
    const offset = part.reduce((sum, bytes) => sum + bytes.length, 0);
    this.#upload = { key, area, name, size, sha256, part, received: offset, told: offset };
    this.say({ type: 'accept', offset });
    this.#finishIfWhole();
  }

  #handleBytes(bytes) {
    const upload = this.#upload;
    if (this.#camera.pass(bytes.length) < bytes.length) return this.#camera.cut();
    upload.part.push(bytes);
    upload.received += bytes.length;
    if (upload.received > upload.size) return this.#fail(-32602, 'more than announced');
    if (upload.received > upload.told + WINDOW) return this.#fail(-32005, 'beyond the window');
    if (this.#camera.isSlow) return;
    this.tell();
    this.#finishIfWhole();
  }

  // The disk has written what has come.
  tell() {
    const upload = this.#upload;
    if (upload === undefined) return;
    if (upload.received < upload.told + PROGRESS || upload.received === upload.size) return;
    upload.told = upload.received;
    this.say({ type: 'progress', offset: upload.told });
  }

  #finishIfWhole() {
    const { key, area, name, size, sha256, part, received } = this.#upload;
    if (received < size) return;
    const bytes = Buffer.concat(part);
    this.#camera.parts.delete(key);
    if (hashOf(bytes) !== sha256) return this.#fail(-32602, 'another SHA-256');
    this.#camera.files.set(`${area}/${name}`, bytes);
    this.say({ type: 'done', sha256 });
  }

  #fail(code, message) {
    this.say({ type: 'error', code, message });
    this.lose();
  }
}

// SPDX-License-Identifier: Apache-2.0
// Files from and to the camera (docs/control.md, ocellus.file.v1), each over a data channel of its
// own. A transfer goes on where it was when its connection is lost and another one comes.
//
//   const blob = await download(connection, { area, name, onProgress, signal });
//   await upload(connection, { area, file, onProgress, signal });
//
// `connection` is an RTCPeerConnection, or a function that returns the present one (or undefined):
// then a lost connection is waited out. `onProgress({bytes, size})` tells how far it is. When
// `signal` aborts, both throw its reason; else a FileError, which says what went wrong.

import { Sha256 } from './sha256.js';

export const LABEL = 'file';
export const PROTOCOL = 'ocellus.file.v1';

// Bytes of one binary message, so that control messages get between them.
const MESSAGE_SIZE = 16 * 1024;

// Bytes of an upload beyond what the camera has told to be on its disk.
const UPLOAD_WINDOW = 1024 * 1024;

// Bytes that wait in the browser: enough to never run dry, little enough to be stopped at once.
const BUFFER_SIZE = 256 * 1024;

// Bytes that are read from a file, or made a Blob of, at once.
const SLICE_SIZE = 1024 * 1024;

// Without a sign of the camera for that long, the channel is taken for lost. The camera may have to
// read what is there already, or to wait for a slow disk.
const SILENCE_MS = 60_000;

// How long, and how often, another connection is looked for.
const PATIENCE_MS = 60_000;
const RETRY_MS = 500;

export class FileError extends Error {
  // `code` is the camera's, as in JSON-RPC; undefined: the page itself gave up.
  constructor(message, code) {
    super(message);
    this.name = 'FileError';
    this.code = code;
  }
}

// The channel has gone; another connection may do.
class ChannelLost extends FileError {}

// Resolves to a Blob.
export async function download(connection, { area, name, onProgress = () => {}, signal }) {
  let file = new PartialFile();
  const attempt = async (channel) => {
    const isResumed = file.bytes > 0;
    try {
      channel.say({ type: 'get', area, name, offset: file.bytes });
      await receive(channel, file, onProgress);
      return file.blob();
    } catch (error) {
      if (!isResumed || !(error instanceof FileError) || error instanceof ChannelLost) throw error;
      // The camera may have another file of that name by now: from the beginning, then.
      file = new PartialFile();
      throw new ChannelLost('The file has changed');
    }
  };
  return overConnections(connection, signal, attempt, () => file.bytes);
}

// Resolves when the camera has the file, under `name`.
export async function upload(
  connection,
  { area, file, name = file.name, onProgress = () => {}, signal },
) {
  const sha256 = await hashOf(file, signal);
  let stored = 0;
  const attempt = async (channel) => {
    channel.say({ type: 'put', area, name, size: file.size, sha256 });
    const { offset } = await channel.expect('accept');
    await send(channel, file, offset, (told) => {
      stored = told;
      onProgress({ bytes: told, size: file.size });
    });
  };
  await overConnections(connection, signal, attempt, () => stored);
}

// Takes what `file` lacks, and checks the whole.
async function receive(channel, file, onProgress) {
  const { size } = await channel.expect('offer');
  file.size ??= size;
  if (file.size !== size) throw new FileError('The file has another size');
  for (;;) {
    onProgress({ bytes: file.bytes, size });
    const message = await channel.next();
    if (message instanceof ArrayBuffer) {
      file.add(message);
    } else if (message.type === 'end') {
      if (file.bytes !== size || file.hash.hex() !== message.sha256)
        throw new FileError('The file has arrived damaged');
      channel.say({ type: 'received' });
      return;
    }
  }
}

// Sends what follows `offset`, until the camera says that it has everything.
async function send(channel, file, offset, onStored) {
  const size = file.size;
  let told = offset; // What the camera has on its disk.
  let sent = offset;
  let slice = new Uint8Array(0); // What was read of the file last, from sliceAt on.
  let sliceAt = offset;
  onStored(told);
  for (;;) {
    const message = channel.take();
    if (message?.type === 'done') break;
    if (message?.type === 'progress') {
      told = message.offset;
      onStored(told);
    } else if (sent === size || sent >= told + UPLOAD_WINDOW || channel.isFull) {
      await channel.change();
    } else if (sent === sliceAt + slice.length) {
      sliceAt = sent;
      slice = new Uint8Array(await file.slice(sent, sent + SLICE_SIZE).arrayBuffer());
      if (slice.length === 0) throw new FileError('The file has become shorter');
    } else {
      const end = Math.min(sent + MESSAGE_SIZE, told + UPLOAD_WINDOW);
      const bytes = slice.subarray(sent - sliceAt, end - sliceAt);
      channel.send(bytes);
      sent += bytes.length;
    }
  }
  onStored(size);
}

async function hashOf(file, signal) {
  const hash = new Sha256();
  for (let at = 0; at < file.size; at += SLICE_SIZE) {
    hash.update(new Uint8Array(await file.slice(at, at + SLICE_SIZE).arrayBuffer()));
    signal?.throwIfAborted();
  }
  return hash.hex();
}

// What has come of a download.
class PartialFile {
  bytes = 0;
  size; // Once the camera has said it.
  hash = new Sha256();

  #parts = []; // Blobs: browsers keep large ones on the disk.
  #buffers = [];
  #buffered = 0;

  add(buffer) {
    this.hash.update(new Uint8Array(buffer));
    this.bytes += buffer.byteLength;
    this.#buffers.push(buffer);
    this.#buffered += buffer.byteLength;
    if (this.#buffered >= SLICE_SIZE) this.#pack();
  }

  blob() {
    this.#pack();
    return new Blob(this.#parts);
  }

  #pack() {
    this.#parts.push(new Blob(this.#buffers));
    this.#buffers = [];
    this.#buffered = 0;
  }
}

// Runs `attempt(channel)` on the present connection, and on the ones after it while it is lost.
// `reached()` is how far the attempts have come: as long as that changes, there is another.
async function overConnections(connection, signal, attempt, reached) {
  const isFunction = typeof connection === 'function';
  const tries = isFunction ? PATIENCE_MS / RETRY_MS : 1;
  let before = reached();
  let error = new ChannelLost('The connection to the camera is interrupted');
  for (let left = tries; left > 0; left -= 1) {
    signal?.throwIfAborted();
    const pc = isFunction ? connection() : connection;
    if (pc?.connectionState === 'connected') {
      const channel = new FileChannel(pc, signal);
      try {
        await channel.open();
        return await attempt(channel);
      } catch (problem) {
        if (!(problem instanceof ChannelLost)) throw problem;
        error = problem;
      } finally {
        channel.close();
      }
      if (isFunction && reached() !== before) {
        before = reached();
        left = tries;
        continue;
      }
    }
    if (left > 1) await sleep(RETRY_MS, signal);
  }
  throw error;
}

function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}

// One data channel, whose messages and troubles are taken in turn.
class FileChannel {
  #channel;
  #signal;
  #messages = []; // ArrayBuffers, and what text messages say.
  #problem; // Why no more will come.
  #wake = () => {};
  #listening = new AbortController();

  constructor(pc, signal) {
    this.#channel = pc.createDataChannel(LABEL, { protocol: PROTOCOL, ordered: true });
    this.#channel.binaryType = 'arraybuffer';
    this.#channel.bufferedAmountLowThreshold = BUFFER_SIZE / 2;
    this.#signal = signal;
    const listen = (target, type, handle) =>
      target?.addEventListener(type, handle, { signal: this.#listening.signal });
    listen(this.#channel, 'open', () => this.#wake());
    listen(this.#channel, 'bufferedamountlow', () => this.#wake());
    listen(this.#channel, 'message', ({ data }) => this.#handle(data));
    listen(this.#channel, 'close', () => this.#lose('The connection to the camera is interrupted'));
    listen(signal, 'abort', () => this.#abort());
  }

  async open() {
    while (this.#channel.readyState === 'connecting') {
      await this.change();
      if (this.#problem) throw this.#problem;
    }
  }

  // Resolves when there may be something to do.
  async change() {
    if (this.#messages.length > 0 || this.#problem) return;
    let timer;
    await new Promise((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(() => this.#lose('The camera does not answer'), SILENCE_MS);
    });
    clearTimeout(timer);
  }

  // The next message, or undefined when there is none yet.
  take() {
    const message = this.#messages.shift();
    if (message === undefined && this.#problem) throw this.#problem;
    if (message?.type === 'error') throw new FileError(message.message, message.code);
    if (message?.type === 'cancel') throw new FileError('The camera has stopped');
    return message;
  }

  // The next message.
  async next() {
    for (;;) {
      const message = this.take();
      if (message !== undefined) return message;
      await this.change();
    }
  }

  // The next message, which must be of this type.
  async expect(type) {
    const message = await this.next();
    if (message.type !== type) throw new FileError('The camera has answered something else');
    return message;
  }

  get isFull() {
    return this.#channel.bufferedAmount >= BUFFER_SIZE;
  }

  say(message) {
    this.send(JSON.stringify(message));
  }

  send(data) {
    try {
      this.#channel.send(data);
    } catch {
      this.#lose('The connection to the camera is interrupted');
    }
  }

  // What was sent still arrives.
  close() {
    this.#listening.abort();
    this.#channel.close();
  }

  #handle(data) {
    this.#messages.push(typeof data === 'string' ? parse(data) : data);
    this.#wake();
  }

  #lose(reason) {
    this.#problem ??= new ChannelLost(reason);
    this.#wake();
  }

  #abort() {
    this.say({ type: 'cancel' });
    this.#messages = [];
    this.#problem = this.#signal.reason;
    this.#wake();
  }
}

// What is no message of ours counts as an answer that nobody has asked for.
function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

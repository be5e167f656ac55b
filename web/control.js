// SPDX-License-Identifier: Apache-2.0
// The page's side of the control protocol (docs/control.md): JSON-RPC 2.0 in the text messages of one
// data channel. Channels come and go with the session; calls and listeners need not care.

export const LABEL = 'control';
export const PROTOCOL = 'ocellus.control.v1';

// The camera gives up on a call after 5 s and says so; later than this there is no camera.
const CALL_TIMEOUT_MS = 8000;

// docs/control.md has all of them; the page tells these apart.
export const PERMISSION_DENIED = -32001;
export const UNAVAILABLE = -32003;
export const TIMED_OUT = -32006;

// What the camera refused, in its own words; or what became of a call that it did not answer.
export class ControlError extends Error {
  constructor({ code, message, data }) {
    super(message);
    this.name = 'ControlError';
    this.code = code;
    this.data = data;
  }
}

export class ControlClient {
  #channel;
  #nextId = 1;
  #calls = new Map(); // By id: {resolve, reject, timer}.
  #listeners = new Map(); // By method: a list of functions.
  #onOpen;
  #onClose;

  // `onOpen()` comes when calls can be made, `onClose()` when they no longer can.
  constructor({ onOpen, onClose }) {
    this.#onOpen = onOpen;
    this.#onClose = onClose;
  }

  get isOpen() {
    return this.#channel?.readyState === 'open';
  }

  // The channel of a new session, or undefined: the old one is gone. (Closing a connection by
  // oneself closes its channels without an event.)
  use(channel) {
    this.#end();
    if (channel === undefined) return;
    this.#channel = channel;
    channel.addEventListener('open', () => {
      if (channel === this.#channel) this.#onOpen();
    });
    channel.addEventListener('message', ({ data }) => {
      if (channel === this.#channel) this.#handle(data);
    });
    channel.addEventListener('close', () => {
      if (channel === this.#channel) this.#end();
    });
  }

  // Resolves to the result. Throws a ControlError.
  call(method, params = {}) {
    if (!this.isOpen) return Promise.reject(lost());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#calls.delete(id);
        reject(new ControlError({ code: TIMED_OUT, message: 'The camera does not answer' }));
      }, CALL_TIMEOUT_MS);
      this.#calls.set(id, { resolve, reject, timer });
      this.#channel.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  // Calls `listener(params)` for each notification of that method.
  on(method, listener) {
    const listeners = this.#listeners.get(method) ?? [];
    this.#listeners.set(method, [...listeners, listener]);
  }

  #end() {
    if (this.#channel === undefined) return;
    this.#channel = undefined;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { reject, timer } of calls) {
      clearTimeout(timer);
      reject(lost());
    }
    this.#onClose();
  }

  #handle(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return; // No camera of ours says such things, and there is nobody to tell.
    }
    for (const part of Array.isArray(message) ? message : [message]) {
      if (part?.method !== undefined) this.#notify(part);
      else this.#answer(part);
    }
  }

  #notify({ method, params }) {
    for (const listener of this.#listeners.get(method) ?? []) listener(params);
  }

  #answer(answer) {
    const call = this.#calls.get(answer?.id);
    if (call === undefined) return; // It came too late.
    this.#calls.delete(answer.id);
    clearTimeout(call.timer);
    if (answer.error) call.reject(new ControlError(answer.error));
    else call.resolve(answer.result);
  }
}

const lost = () =>
  new ControlError({ code: UNAVAILABLE, message: 'The connection to the camera is interrupted' });

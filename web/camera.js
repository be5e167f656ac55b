// SPDX-License-Identifier: Apache-2.0
// What the camera offers this viewer, as the camera told last: who he is, what he may call, and the
// state of everything that can be steered. It is asked for when the control channel opens, and
// follows notifications from then on.
//
// Events: "access" (role and methods), "image", "ptz", "stream", "outputs" (their values here have
// changed), and "settings", "stats", "log", "files", whose `detail` is what the camera said;
// "refused", whose `detail` is the error of an attempt.

// Parts of the state: the method that reads one, what its answer and its notification call it.
const PARTS = {
  image: { method: 'image.list', member: 'controls', none: [] },
  ptz: { method: 'ptz.get', member: 'ptz', none: undefined },
  stream: { method: 'stream.get', member: 'stream', none: undefined },
  outputs: { method: 'outputs.list', member: 'outputs', none: [] },
};

const PASSED_ON = {
  'settings.changed': 'settings',
  'stats.changed': 'stats',
  'log.added': 'log',
  'files.changed': 'files',
};

export class Camera extends EventTarget {
  role; // "viewer", "operator" or "admin"; undefined before the camera has said so.
  image = PARTS.image.none;
  ptz = PARTS.ptz.none;
  stream = PARTS.stream.none;
  outputs = PARTS.outputs.none;

  #control;
  #methods = new Set();
  #topics = new Map(); // By topic: how many want it.

  constructor(control) {
    super();
    this.#control = control;
    for (const [part, { member }] of Object.entries(PARTS)) {
      control.on(`${part}.changed`, (params) => this.#set(part, params[member] ?? params));
    }
    for (const [method, event] of Object.entries(PASSED_ON)) {
      control.on(method, (detail) => this.dispatchEvent(new CustomEvent(event, { detail })));
    }
    for (const topic of [...Object.keys(PARTS), 'files']) this.#topics.set(topic, 1);
  }

  can(method) {
    return this.#methods.has(method);
  }

  // Throws a ControlError.
  call(method, params) {
    return this.#control.call(method, params);
  }

  // As call, but what goes wrong becomes an event, and undefined.
  async attempt(method, params) {
    try {
      return await this.call(method, params);
    } catch (error) {
      this.dispatchEvent(new CustomEvent('refused', { detail: error }));
      return undefined;
    }
  }

  // The channel has opened, or the role is another: asks for everything. Returns when it is here.
  async load() {
    try {
      const { role, methods } = await this.call('session.get');
      const topics = [...this.#topics.keys()].filter((topic) => this.#topics.get(topic) > 0);
      // Subscribed first, so that no change falls between an answer and the first notification.
      const subscribed = this.call('events.subscribe', { topics });
      this.role = role;
      this.#methods = new Set(methods);
      this.dispatchEvent(new Event('access'));
      await Promise.all([subscribed, ...Object.keys(PARTS).map((part) => this.#load(part))]);
    } catch {
      // The channel has closed, which says so itself.
    }
  }

  // Takes a token for this session. Throws a ControlError.
  async logIn(token) {
    await this.call('session.log_in', { token });
    await this.load();
  }

  // Topics that somebody wants for a while: statistics, settings, the log.
  want(topic) {
    const count = this.#topics.get(topic) ?? 0;
    this.#topics.set(topic, count + 1);
    if (count === 0) this.call('events.subscribe', { topics: [topic] }).catch(() => {});
  }

  release(topic) {
    const count = this.#topics.get(topic) - 1;
    this.#topics.set(topic, count);
    if (count === 0) this.call('events.unsubscribe', { topics: [topic] }).catch(() => {});
  }

  async #load(part) {
    const { method, member, none } = PARTS[part];
    if (!this.can(method)) {
      this.#set(part, none);
      return;
    }
    const answer = await this.call(method);
    this.#set(part, answer[member] ?? answer);
  }

  #set(part, value) {
    this[part] = value;
    this.dispatchEvent(new Event(part));
  }
}

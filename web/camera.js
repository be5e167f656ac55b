// SPDX-License-Identifier: Apache-2.0
// What the camera offers this viewer, as the camera told last: who he is, what he may call, and the
// state of everything that can be steered. It is asked for when the control channel opens, and
// follows notifications from then on.
//
// Events: "access" (role and methods), "image", "ptz", "stream", "outputs" (their values here have
// changed), and "settings", "stats", "log", "files", whose `detail` is what the camera said;
// "refused", whose `detail` is the error of an attempt.

// Parts of the state, and the methods that read them. Where `member` is given, it is that of the
// answer and of the notification.
const PARTS = {
  image: { method: 'image.list', member: 'controls', none: [] },
  ptz: { method: 'ptz.get', none: undefined },
  stream: { method: 'stream.get', none: undefined },
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
      if (part === 'image') continue;
      control.on(`${part}.changed`, (params) => this.#set(part, member ? params[member] : params));
    }
    control.on('image.changed', (params) => this.#changeImage(params));
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
      const { role, methods, topics: allowed } = await this.call('session.get');
      const topics = allowed.filter((topic) => this.#topics.get(topic) > 0);
      // Subscribed first, so that no change falls between an answer and the first notification.
      const subscribed = this.call('events.subscribe', { topics });
      this.#methods = new Set(methods);
      const parts = Object.keys(PARTS);
      await Promise.all([subscribed, ...parts.map((part) => this.#load(part))]);
      this.role = role;
      // Told when all of it is here, so that nothing appears bit by bit.
      for (const event of ['access', ...parts]) this.dispatchEvent(new Event(event));
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
    this[part] = none;
    if (!this.can(method)) return;
    const answer = await this.call(method);
    this[part] = member ? answer[member] : answer;
  }

  // Most of the time only those that have changed are told.
  #changeImage({ complete, controls }) {
    const changed = new Map(controls.map((control) => [control.name, control]));
    const merged = this.image.map((control) => changed.get(control.name) ?? control);
    this.#set('image', complete ? controls : merged);
  }

  #set(part, value) {
    this[part] = value;
    this.dispatchEvent(new Event(part));
  }
}

// SPDX-License-Identifier: Apache-2.0
// The tab of settings: one row each, with what is allowed and what becomes of a change.

import { iconButton, make } from './dom.js';

// What belongs together, by how the names begin. What fits nowhere comes last.
const GROUPS = [
  { title: 'Camera', names: /^(name|source|width|height|fps|bitrate|rotate|.*-flip|encoder)/ },
  { title: 'Access', names: /(token|open|auth|password$|max-viewers)/ },
  { title: 'Reaching the camera', names: /^(stun|turn|ice|public-addresses|ca-file)/ },
  { title: 'Network', names: /^(http|udp|tcp|listen|loopback|mdns)/ },
  { title: 'Outputs', names: /^(output|light|relay|gpio)/ },
  { title: 'More', names: /./ },
];

// Names that are abbreviations, as people write them.
const WORDS = { http: 'HTTP', udp: 'UDP', tcp: 'TCP', ice: 'ICE', stun: 'STUN', turn: 'TURN' };
Object.assign(WORDS, { ca: 'CA', fps: 'Frames a second', mdns: 'mDNS', dtls: 'DTLS' });

// "http-port" is "HTTP port".
export function titleOf(name) {
  const words = name.split('-').map((word) => WORDS[word] ?? word);
  const title = words.join(' ');
  return title[0].toUpperCase() + title.slice(1);
}

// By title, in order; empty ones are left out.
export function grouped(settings) {
  const groups = GROUPS.map(({ title }) => ({ title, settings: [] }));
  for (const setting of settings) {
    groups[GROUPS.findIndex(({ names }) => names.test(setting.name))].settings.push(setting);
  }
  return groups.filter((group) => group.settings.length > 0);
}

// What to send for what stands in the field; undefined when nothing does.
export function valueOf(type, text) {
  const items = text
    .split(/[,\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
  if (type === 'list') return items.length > 0 ? items : undefined;
  if (text.trim() === '') return undefined;
  return type === 'integer' ? Number(text) : text;
}

// What to show of a value.
export const textOf = (value) => (Array.isArray(value) ? value.join(', ') : String(value ?? ''));

// A switch or a menu shows by itself what is allowed, and any text goes without saying.
function explanation({ type, description, allowed }) {
  const isPlain = type === 'boolean' || type === 'choice' || !allowed || allowed === 'text';
  return isPlain ? description : `${description} Takes ${allowed}.`;
}

class Row {
  element;

  #camera;
  #name;
  #input;
  #note = make('small', { class: 'note', role: 'status' });
  #reset;
  #setting;

  constructor(camera, setting) {
    this.#camera = camera;
    this.#name = setting.name;
    this.#input = this.#makeInput(setting);
    this.#input.id = `setting-${setting.name}`;
    this.#input.addEventListener('change', () => this.#set());
    this.#reset = iconButton('reset', `Set ${titleOf(setting.name)} to its default`, () =>
      this.#change('settings.reset', {}),
    );
    this.element = make(
      'div',
      { class: `setting ${setting.type}` },
      make('label', { htmlFor: this.#input.id }, titleOf(setting.name)),
      this.#reset,
      this.#input,
      make('small', {}, explanation(setting)),
      this.#note,
    );
    this.show(setting);
  }

  show(setting) {
    this.#setting = setting;
    const input = this.#input;
    if (setting.type === 'boolean') input.checked = setting.value === true;
    else if (setting.secret)
      input.placeholder = setting.is_set ? 'Set; type to replace it' : 'Not set';
    else if (document.activeElement !== input) input.value = textOf(setting.value);
    input.disabled = setting.fixed || !this.#camera.can('settings.set');
    this.#reset.hidden = setting.origin !== 'saved' || input.disabled;
    if (setting.fixed) this.#tell(`Set by ${setting.origin}; cannot be changed here.`);
  }

  #makeInput({ type, secret, choices, minimum, maximum, step }) {
    switch (type) {
      case 'boolean':
        return make('input', { type: 'checkbox', role: 'switch' });
      case 'choice':
        return make(
          'select',
          {},
          choices.map((choice) => make('option', { value: choice }, choice)),
        );
      case 'integer':
        return make('input', {
          type: 'number',
          inputMode: 'numeric',
          min: textOf(minimum),
          max: textOf(maximum),
          step: textOf(step ?? 1),
        });
      default:
        return make('input', {
          type: secret ? 'password' : 'text',
          autocomplete: secret ? 'new-password' : 'off',
          spellcheck: false,
        });
    }
  }

  #set() {
    const { type } = this.#setting;
    const { checked, value, validity } = this.#input;
    const wanted = type === 'boolean' ? checked : valueOf(type, value);
    if (validity.badInput) this.#tell('This is no number.', 'bad');
    else if (wanted === undefined) this.#change('settings.reset', {});
    else this.#change('settings.set', { value: wanted });
  }

  async #change(method, params) {
    this.#tell('');
    try {
      const { setting } = await this.#camera.call(method, { name: this.#name, ...params });
      if (setting.secret) this.#input.value = '';
      else this.#input.value = textOf(setting.value);
      this.show(setting);
      this.#tell(setting.needs_restart ? 'Saved. Takes effect after a restart.' : 'Saved.', 'good');
      if (setting.needs_restart) this.element.dispatchEvent(new Event('wait', { bubbles: true }));
    } catch (error) {
      // A switch or a menu shows what is; a field keeps what was typed, to be mended.
      if (this.#setting.type === 'boolean') this.#input.checked = this.#setting.value === true;
      if (this.#setting.type === 'choice') this.#input.value = textOf(this.#setting.value);
      this.#tell(error.message, 'bad');
    }
  }

  #tell(text, kind = '') {
    this.#note.textContent = text;
    this.#note.dataset.kind = kind;
  }
}

export class SettingsTab {
  id = 'settings';
  title = 'Settings';
  element = make('div', { class: 'page' });

  #camera;
  #isShown = false;
  #rows = new Map(); // By name.
  #list = make('div');
  #restart;

  constructor(camera) {
    this.#camera = camera;
    this.#restart = make(
      'div',
      { class: 'restart', hidden: true },
      make('p', {}, 'Some changes wait for a restart.'),
      make(
        'button',
        {
          class: 'plain-button',
          type: 'button',
          onclick: () => this.#camera.attempt('device.restart'),
        },
        'Restart now',
      ),
    );
    this.element.append(this.#restart, this.#list);
    this.#list.addEventListener('wait', () => {
      this.#restart.hidden = !this.#camera.can('device.restart');
    });
    camera.addEventListener('settings', ({ detail: { setting } }) => {
      this.#rows.get(setting.name)?.show(setting);
    });
    // Another session: the camera may have restarted.
    camera.addEventListener('access', () => {
      this.#restart.hidden = true;
      if (this.#isShown) this.#load();
    });
  }

  get isOffered() {
    return this.#camera.can('settings.list');
  }

  show() {
    this.#isShown = true;
    this.#camera.want('settings');
    this.#load();
  }

  hide() {
    this.#isShown = false;
    this.#camera.release('settings');
  }

  async #load() {
    if (!this.isOffered) return;
    const answer = await this.#camera.attempt('settings.list');
    if (answer === undefined) return;
    this.#rows.clear();
    const parts = grouped(answer.settings).map(({ title, settings }) => {
      const rows = settings.map((setting) => new Row(this.#camera, setting));
      rows.forEach((row, index) => this.#rows.set(settings[index].name, row));
      const elements = rows.map((row) => row.element);
      return make('section', { class: 'part' }, make('h2', {}, title), elements);
    });
    this.#list.replaceChildren(...parts);
  }
}

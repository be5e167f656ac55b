// SPDX-License-Identifier: Apache-2.0
// The tab of the picture: a row for each control that the camera has, and the stream.

import { make } from './dom.js';
import { formatValue, Menu, Slider, Switch } from './field.js';
import { StreamFields } from './stream.js';

// These have a pad of their own.
const STEERED = new Set(['pan', 'tilt', 'zoom', 'pan-speed', 'tilt-speed', 'zoom-speed']);

function rowOf(control, send) {
  const { title, type, unit } = control;
  if (type === 'boolean') return new Switch({ title, send: (on) => send(on ? 1 : 0) });
  if (type === 'menu') return new Menu({ title, choices: control.choices, send });
  return new Slider({
    title,
    minimum: control.minimum,
    maximum: control.maximum,
    step: control.step,
    defaultValue: control.default_value,
    format: (value) => formatValue(value, unit),
    send,
  });
}

export class ImageTab {
  id = 'picture';
  title = 'Picture';
  element = make('div', { class: 'page' });

  #camera;
  #rows = new Map(); // By name: {shape, row}.
  #list = make('div', { class: 'fields' });
  #empty = make('p', { class: 'empty' }, 'This camera has nothing to adjust.');
  #resetAll;
  #stream;

  constructor(camera) {
    this.#camera = camera;
    this.#stream = new StreamFields(camera);
    this.#resetAll = make(
      'button',
      { class: 'plain-button', type: 'button', onclick: () => camera.attempt('image.reset') },
      'Reset the picture',
    );
    this.element.append(this.#list, this.#empty, this.#resetAll, this.#stream.element);
    camera.addEventListener('image', () => this.#show());
    camera.addEventListener('access', () => this.#show());
  }

  get isOffered() {
    return this.#camera.can('image.set') || this.#camera.can('stream.set');
  }

  #show() {
    const controls = this.#camera.can('image.set')
      ? this.#camera.image.filter(({ name }) => !STEERED.has(name))
      : [];
    for (const control of controls) {
      const { name, value, active } = control;
      const row = this.#row(control);
      row.show(control.type === 'boolean' ? value !== 0 : value, { disabled: !active });
      this.#list.append(row.element); // Where it is already, in the same order, nothing moves.
    }
    const names = new Set(controls.map(({ name }) => name));
    for (const [name, { row }] of this.#rows) {
      if (names.has(name)) continue;
      row.element.remove();
      this.#rows.delete(name);
    }
    this.#empty.hidden = controls.length > 0;
    this.#resetAll.hidden = controls.every((control) => control.value === control.default_value);
  }

  // Another camera may have the same name for another range.
  #row(control) {
    const { value, active, ...rest } = control;
    const shape = JSON.stringify(rest);
    const old = this.#rows.get(control.name);
    if (old?.shape === shape) return old.row;
    old?.row.element.remove();
    const row = rowOf(control, (wanted) => this.#set(control.name, wanted));
    this.#rows.set(control.name, { shape, row });
    return row;
  }

  async #set(name, value) {
    const done = await this.#camera.attempt('image.set', { name, value });
    if (done === undefined) this.#show(); // As it really is.
  }
}

// SPDX-License-Identifier: Apache-2.0
// The tab of the picture: a row for each control that the camera has, and the stream.

import { make } from './dom.js';
import { formatValue, Menu, Slider, Switch } from './field.js';
import { StreamFields } from './stream.js';

function rowOf(control, send) {
  const { title, type, unit } = control;
  if (type === 'boolean') return new Switch({ title, send });
  if (type === 'menu') return new Menu({ title, choices: control.choices, send });
  return new Slider({
    title,
    minimum: control.minimum,
    maximum: control.maximum,
    step: control.step,
    defaultValue: control.default,
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
    const controls = this.#camera.can('image.set') ? this.#camera.image : [];
    for (const [index, control] of controls.entries()) {
      const row = this.#row(control);
      row.show(control.value, { disabled: !control.active });
      // A slider that is put where it is already would slip out of the hand that holds it.
      const there = this.#list.children[index];
      if (there !== row.element) this.#list.insertBefore(row.element, there ?? null);
    }
    const names = new Set(controls.map((control) => control.name));
    for (const [name, { row }] of this.#rows) {
      if (names.has(name)) continue;
      row.element.remove();
      this.#rows.delete(name);
    }
    this.#empty.hidden = controls.length > 0;
    this.#resetAll.hidden = controls.length === 0;
    this.#resetAll.disabled = controls.every((control) => control.value === control.default);
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

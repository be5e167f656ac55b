// SPDX-License-Identifier: Apache-2.0
// Lights, infrared lamps and relays: a switch for each.

import { make } from './dom.js';
import { Switch } from './field.js';

const KINDS = { light: 'Light', infrared: 'Infrared lamp', relay: 'Relay' };

export class OutputFields {
  element = make('section', { class: 'part', hidden: true });

  #camera;
  #fields = make('div', { class: 'fields' });
  #switches = new Map(); // By name.

  constructor(camera) {
    this.#camera = camera;
    this.element.append(make('h2', {}, 'Outputs'), this.#fields);
    camera.addEventListener('outputs', () => this.#show());
    camera.addEventListener('access', () => this.#show());
  }

  get isOffered() {
    return this.#camera.can('outputs.set') && this.#camera.outputs.length > 0;
  }

  #show() {
    this.element.hidden = !this.isOffered;
    const names = this.#camera.outputs.map(({ name }) => name);
    if (String(names) !== String([...this.#switches.keys()])) this.#make();
    for (const { name, on, error, kind } of this.#camera.outputs)
      this.#switches.get(name).show(on, { detail: error ?? KINDS[kind] });
  }

  #make() {
    this.#switches.clear();
    for (const { name } of this.#camera.outputs) {
      this.#switches.set(name, new Switch({ title: name, send: (on) => this.#set(name, on) }));
    }
    this.#fields.replaceChildren(...[...this.#switches.values()].map(({ element }) => element));
  }

  async #set(name, on) {
    const done = await this.#camera.attempt('outputs.set', { name, on });
    if (done === undefined) this.#show(); // As it really is.
  }
}

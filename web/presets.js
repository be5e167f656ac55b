// SPDX-License-Identifier: Apache-2.0
// Places that the camera comes back to.

import { iconButton, make } from './dom.js';

export class PresetFields {
  element = make('section', { class: 'part', hidden: true });

  #camera;
  #isEditing = false;
  #list = make('ul', { class: 'presets' });
  #edit;
  #form;
  #name;

  constructor(camera) {
    this.#camera = camera;
    this.#edit = make(
      'button',
      { class: 'text-button', type: 'button', onclick: () => this.#toggleEditing() },
      'Edit',
    );
    this.#name = make('input', {
      type: 'text',
      maxLength: 40,
      required: true,
      placeholder: 'Name of this place',
      'aria-label': 'Name of this place',
      autocomplete: 'off',
    });
    this.#form = make(
      'form',
      { class: 'save-preset', onsubmit: (event) => this.#save(event) },
      this.#name,
      make('button', { class: 'plain-button', type: 'submit' }, 'Save'),
    );
    this.element.append(
      make('div', { class: 'part-head' }, make('h2', {}, 'Places'), this.#edit),
      this.#list,
      this.#form,
    );
    for (const type of ['ptz', 'access']) camera.addEventListener(type, () => this.#show());
  }

  #show() {
    const { ptz } = this.#camera;
    const { pan, tilt, zoom } = ptz?.can ?? {};
    this.element.hidden = !this.#camera.can('ptz.go_to_preset') || !(pan || tilt || zoom);
    if (this.element.hidden) return;
    const presets = ptz.presets ?? [];
    if (presets.length === 0) this.#isEditing = false;
    this.#edit.hidden = presets.length === 0;
    this.#edit.textContent = this.#isEditing ? 'Done' : 'Edit';
    // It moves several times a second, its places stay.
    const shown = JSON.stringify([presets, this.#isEditing]);
    if (this.#list.dataset.shown === shown) return;
    this.#list.dataset.shown = shown;
    this.#list.replaceChildren(...presets.map((preset) => this.#item(preset)));
  }

  #item({ id, name }) {
    const go = make(
      'button',
      {
        class: 'chip',
        type: 'button',
        onclick: () => this.#camera.attempt('ptz.go_to_preset', { id }),
      },
      name,
    );
    if (!this.#isEditing) return make('li', {}, go);
    return make(
      'li',
      { class: 'editing' },
      go,
      iconButton('aim', `Let ${name} be where the camera looks now`, () =>
        this.#camera.attempt('ptz.save_preset', { name, id }),
      ),
      iconButton('delete', `Delete ${name}`, () =>
        this.#camera.attempt('ptz.delete_preset', { id }),
      ),
    );
  }

  #toggleEditing() {
    this.#isEditing = !this.#isEditing;
    this.#show();
  }

  async #save(event) {
    event.preventDefault();
    const name = this.#name.value.trim();
    if (name === '') return;
    const saved = await this.#camera.attempt('ptz.save_preset', { name });
    if (saved !== undefined) this.#name.value = '';
  }
}

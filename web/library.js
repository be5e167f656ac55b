// SPDX-License-Identifier: Apache-2.0
// The tab of files: what the camera keeps, to fetch and to delete.

import { formatSize, iconButton, make } from './dom.js';
import { save } from './transfers.js';

// In the order in which they are shown. Who may not see one is told so by the camera; `deleters` are
// the roles that it lets delete there.
const AREAS = [
  {
    area: 'recordings',
    title: 'Recordings',
    none: 'There are no recordings.',
    deleters: ['admin'],
  },
  {
    area: 'snapshots',
    title: 'Snapshots',
    none: 'There are no snapshots yet.',
    deleters: ['operator', 'admin'],
  },
];

const time = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

class Area {
  element = make('section', { class: 'part' });

  #camera;
  #transfers;
  #area;
  #none;
  #deleters;
  #list = make('ul', { class: 'files' });

  constructor(camera, transfers, { area, title, none, deleters }) {
    this.#camera = camera;
    this.#transfers = transfers;
    this.#area = area;
    this.#none = none;
    this.#deleters = deleters;
    this.element.append(make('h2', {}, title), this.#list);
  }

  async load() {
    let files;
    try {
      ({ files } = await this.#camera.call('files.list', { area: this.#area }));
    } catch {
      // Not for this role, or this camera keeps none.
      this.element.hidden = true;
      return;
    }
    this.element.hidden = false;
    const items = files.map((file) => this.#item(file));
    this.#list.replaceChildren(...(items.length > 0 ? items : [this.#empty()]));
  }

  #empty() {
    return make('li', { class: 'empty' }, this.#none);
  }

  #item({ name, size, modified_unix_ms: modified }) {
    const about = [modified && time.format(new Date(modified)), formatSize(size)];
    const file = { area: this.#area, name };
    return make(
      'li',
      {},
      make(
        'span',
        {},
        make('span', { class: 'name' }, name),
        make('small', {}, about.filter(Boolean).join(' · ')),
      ),
      iconButton('save', `Save ${name}`, () => this.#fetch(file)),
      this.#deleters.includes(this.#camera.role) &&
        iconButton('delete', `Delete ${name}`, () => this.#camera.attempt('files.delete', file)),
    );
  }

  async #fetch(file) {
    const blob = await this.#transfers.download(file);
    if (blob) save(blob, file.name);
  }
}

export class LibraryTab {
  id = 'files';
  title = 'Files';
  element = make('div', { class: 'page' });

  #camera;
  #areas;
  #isShown = false;

  constructor(camera, transfers) {
    this.#camera = camera;
    this.#areas = AREAS.map((area) => new Area(camera, transfers, area));
    this.element.append(...this.#areas.map((area) => area.element));
    for (const type of ['files', 'access']) camera.addEventListener(type, () => this.#load());
  }

  get isOffered() {
    return this.#camera.can('files.list');
  }

  show() {
    this.#isShown = true;
    this.#load();
  }

  hide() {
    this.#isShown = false;
  }

  #load() {
    if (!this.#isShown || !this.isOffered) return;
    for (const area of this.#areas) area.load();
  }
}

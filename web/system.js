// SPDX-License-Identifier: Apache-2.0
// The tab of the device: what it is, its firmware, restarting it, and its log.

import { make } from './dom.js';
import { LogView } from './log.js';

// How the camera names what it says of itself, for people; the rest is left out.
const FACTS = [
  ['name', 'Name'],
  ['version', 'Version'],
  ['board', 'Board'],
  ['camera', 'Camera'],
  ['encoder', 'Encoder'],
];

// A question takes an answer this long.
const SURE_MS = 4000;

export class SystemTab {
  id = 'system';
  title = 'System';
  element = make('div', { class: 'page' });

  #camera;
  #transfers;
  #facts = make('dl', { class: 'device' });
  #actions = make('div', { class: 'actions' });
  #upload;
  #restart;
  #log;
  #sureTimer;
  #isShown = false;

  constructor(camera, transfers) {
    this.#camera = camera;
    this.#transfers = transfers;
    this.#log = new LogView(camera);
    const input = make('input', {
      type: 'file',
      hidden: true,
      onchange: () => this.#sendFirmware(input),
    });
    this.#upload = make(
      'button',
      { class: 'plain-button', type: 'button', onclick: () => input.click() },
      'Send new firmware',
    );
    this.#restart = make('button', {
      class: 'plain-button danger',
      type: 'button',
      onclick: () => this.#askRestart(),
    });
    this.#actions.append(this.#upload, input, this.#restart);
    this.element.append(this.#facts, this.#actions, this.#log.element);
    camera.addEventListener('access', () => {
      this.#showActions();
      if (this.#isShown) this.#showDevice();
    });
  }

  get isOffered() {
    return this.#camera.can('device.get');
  }

  show() {
    this.#isShown = true;
    this.#log.show();
    this.#showDevice();
  }

  hide() {
    this.#isShown = false;
    this.#log.hide();
    this.#calm();
  }

  async #showDevice() {
    const device = await this.#camera.attempt('device.get');
    const known = FACTS.filter(([name]) => device?.[name]);
    this.#facts.replaceChildren(
      ...known.map(([name, title]) =>
        make('div', {}, make('dt', {}, title), make('dd', {}, String(device[name]))),
      ),
    );
  }

  #showActions() {
    // Whoever may restart it may give it what it restarts with.
    const isOffered = this.#camera.can('device.restart');
    this.#actions.hidden = !isOffered;
    this.#calm();
  }

  // A restart is one press too many away from a picture: twice means it.
  #askRestart() {
    if (this.#sureTimer === undefined) {
      this.#restart.textContent = 'Restart: sure?';
      this.#sureTimer = setTimeout(() => this.#calm(), SURE_MS);
      return;
    }
    this.#calm();
    this.#camera.attempt('device.restart');
  }

  #calm() {
    clearTimeout(this.#sureTimer);
    this.#sureTimer = undefined;
    this.#restart.textContent = 'Restart the camera';
  }

  async #sendFirmware(input) {
    const [file] = input.files;
    input.value = ''; // So that the same file can be chosen again.
    if (file === undefined) return;
    if (await this.#transfers.upload({ area: 'firmware', file }))
      this.#transfers.say(`${file.name} has arrived whole.`);
  }
}

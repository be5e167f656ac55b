// SPDX-License-Identifier: Apache-2.0
// One picture in the camera's full quality: taken, fetched over a data channel, shown small, and
// saved when somebody wants it.

import { element, iconButton, make } from './dom.js';
import { save } from './transfers.js';

// How long it is shown when nobody reaches for it.
const SHOWN_MS = 12_000;

const WIDTH = 480; // Of the small picture, in its own pixels: twice what the page gives it.

export class Snapshot {
  #camera;
  #transfers;
  #button = element('snapshot');
  #isTaking = false;

  constructor(camera, transfers) {
    this.#camera = camera;
    this.#transfers = transfers;
    this.#button.addEventListener('click', () => this.take());
    camera.addEventListener('access', () => (this.#button.hidden = !this.#isOffered));
  }

  get #isOffered() {
    return this.#camera.can('snapshot.take');
  }

  async take() {
    if (this.#isTaking || !this.#isOffered) return;
    this.#isTaking = true;
    this.#button.setAttribute('aria-busy', 'true');
    const file = await this.#camera.attempt('snapshot.take');
    const blob = file && (await this.#transfers.download(file));
    if (blob) await this.#show(file.name, blob);
    this.#button.removeAttribute('aria-busy');
    this.#isTaking = false;
  }

  async #show(name, blob) {
    let picture;
    try {
      picture = await createImageBitmap(blob);
    } catch {
      // This browser cannot show it, but it can save it.
    }
    const canvas = make('canvas', { role: 'img', 'aria-label': `Snapshot ${name}` });
    if (picture) {
      // A canvas and not an <img>: the page's policy lets no pictures in from elsewhere, not even
      // from memory.
      canvas.width = WIDTH;
      canvas.height = Math.round((WIDTH * picture.height) / picture.width);
      const context = canvas.getContext('2d');
      context.imageSmoothingQuality = 'high';
      context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    }
    const card = make(
      'div',
      { class: 'card snapshot' },
      canvas,
      make('p', {}, picture ? `${picture.width} × ${picture.height}` : name),
      iconButton('save', `Save ${name}`, () => save(blob, name)),
      iconButton('close', 'Close', () => card.remove()),
    );
    picture?.close();
    this.#transfers.show(card);
    let timer;
    const leaveLater = () => (timer = setTimeout(() => card.remove(), SHOWN_MS));
    card.addEventListener('pointerenter', () => clearTimeout(timer));
    card.addEventListener('pointerleave', leaveLater);
    leaveLater();
  }
}

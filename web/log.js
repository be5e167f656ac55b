// SPDX-License-Identifier: Apache-2.0
// The end of the camera's log, for admins, growing while they look.

import { make } from './dom.js';

// Lines: what somebody reads, and what a phone still scrolls smoothly.
const MOST_LINES = 500;
const FIRST_LINES = 100;

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

export class LogView {
  element = make('section', { class: 'part', hidden: true });

  #camera;
  #newest = 0;
  #isShown = false;
  #lines = make('ol', { class: 'log', role: 'log', 'aria-label': 'Log', tabIndex: 0 });

  constructor(camera) {
    this.#camera = camera;
    this.element.append(make('h2', {}, 'Log'), this.#lines);
    camera.addEventListener('log', ({ detail }) => this.#add(detail.lines));
    // Another session: its camera may count its lines anew.
    camera.addEventListener('access', () => {
      this.#newest = 0;
      this.#lines.replaceChildren();
      if (this.#isShown) this.#load();
    });
  }

  show() {
    this.#isShown = true;
    this.#camera.want('log');
    this.#load();
  }

  hide() {
    if (this.#isShown) this.#camera.release('log');
    this.#isShown = false;
  }

  async #load() {
    this.element.hidden = !this.#camera.can('log.tail');
    if (this.element.hidden) return;
    const answer = await this.#camera.attempt('log.tail', {
      after: this.#newest,
      most: FIRST_LINES,
    });
    if (answer !== undefined) this.#add(answer.lines);
  }

  #add(lines) {
    const box = this.#lines;
    const isAtEnd = box.scrollTop + box.clientHeight > box.scrollHeight - 30;
    for (const { number, unix_ms: when, level, text } of lines) {
      if (number <= this.#newest) continue; // Told twice, by the answer and by a notification.
      this.#newest = number;
      const time = make('time', {}, clock.format(new Date(when)));
      box.append(make('li', { class: level }, time, ` ${text}`));
    }
    while (box.childElementCount > MOST_LINES) box.firstElementChild.remove();
    // Whoever reads further up is not pulled away.
    if (isAtEnd) box.scrollTop = box.scrollHeight;
  }
}

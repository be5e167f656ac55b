// SPDX-License-Identifier: Apache-2.0
// The drawer with the controls: beside the picture on a desk, a sheet from below on a phone. It shows
// the tabs that the camera and the role have something for.
//
// A tab has `id`, `title`, `element`, `isOffered`, and perhaps `show()` and `hide()` for when it comes
// into view and leaves it.

import { element, icon, make } from './dom.js';

// On a phone, how far down a hand has to pull it away.
const PULL_PIXELS = 60;

export class Drawer {
  open = false;

  #tabs;
  #buttons = new Map(); // By tab.
  #present; // The tab in view.
  #isChosen = false; // By somebody; until then it is the first one that is offered.
  #onToggle;
  #drawer = element('drawer');
  #opener = element('controls');
  #list = element('tabs');

  constructor(camera, tabs, onToggle) {
    this.#tabs = tabs;
    this.#onToggle = onToggle;
    for (const tab of tabs) this.#add(tab);
    this.#list.addEventListener('keydown', (event) => this.#handleKey(event));
    this.#opener.addEventListener('click', () => this.toggle());
    element('close-drawer').addEventListener('click', () => this.toggle());
    this.#makePullable(element('drawer-head'));
    for (const part of ['access', 'ptz', 'image', 'stream', 'outputs'])
      camera.addEventListener(part, () => this.update());
  }

  // What is offered may have changed.
  update() {
    const offered = this.#tabs.filter((tab) => tab.isOffered);
    for (const [tab, button] of this.#buttons) button.hidden = !offered.includes(tab);
    this.#opener.hidden = offered.length === 0;
    const isFree = !this.#isChosen && !this.open;
    if (isFree || !offered.includes(this.#present)) this.#show(offered[0]);
  }

  // While the connection is away everything stays, but nothing can be done, except closing it.
  setConnected(isConnected) {
    for (const part of ['tabs', 'pages', 'identity']) element(part).inert = !isConnected;
  }

  toggle() {
    if (!this.open && this.#opener.hidden) return;
    this.open = !this.open;
    this.#drawer.hidden = !this.open;
    document.body.classList.toggle('has-drawer', this.open);
    this.#opener.setAttribute('aria-expanded', String(this.open));
    if (this.open) {
      this.#present?.show?.();
      this.#drawer.focus();
    } else {
      this.#present?.hide?.();
      this.#opener.focus({ focusVisible: false });
    }
    this.#onToggle(this.open);
  }

  #add(tab) {
    const button = make(
      'button',
      {
        id: `tab-${tab.id}`,
        type: 'button',
        role: 'tab',
        hidden: true,
        tabIndex: -1,
        'aria-selected': 'false',
        'aria-controls': `page-${tab.id}`,
        onclick: (event) => {
          this.#choose(tab);
          // With a mouse or a finger: arrow keys go on moving the camera, not between tabs.
          if (event.detail > 0) this.#drawer.focus();
        },
      },
      icon(tab.id),
      tab.title,
    );
    tab.element.id = `page-${tab.id}`;
    tab.element.hidden = true;
    tab.element.setAttribute('role', 'tabpanel');
    tab.element.setAttribute('aria-labelledby', button.id);
    this.#buttons.set(tab, button);
    this.#list.append(button);
    element('pages').append(tab.element);
  }

  #choose(tab) {
    this.#isChosen = true;
    this.#show(tab);
  }

  #show(tab) {
    if (tab === this.#present) return;
    const old = this.#present;
    this.#present = tab;
    for (const [one, button] of this.#buttons) {
      const isChosen = one === tab;
      button.setAttribute('aria-selected', String(isChosen));
      button.tabIndex = isChosen ? 0 : -1;
      one.element.hidden = !isChosen;
    }
    element('pages').scrollTop = 0;
    if (!this.open) return;
    old?.hide?.();
    tab?.show?.();
  }

  // As people who use screen readers know it: arrows between the tabs.
  #handleKey(event) {
    const offered = this.#tabs.filter((tab) => tab.isOffered);
    const index = offered.indexOf(this.#present);
    const next = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: -1 }[event.key];
    if (next === undefined || offered.length === 0) return;
    event.preventDefault();
    const tab = offered.at(next % offered.length);
    this.#choose(tab);
    this.#buttons.get(tab).focus();
  }

  #makePullable(head) {
    let startY;
    head.addEventListener('pointerdown', (event) => {
      if (event.pointerType === 'mouse') return;
      startY = event.clientY;
    });
    head.addEventListener('pointermove', (event) => {
      if (startY === undefined) return;
      if (event.clientY - startY < PULL_PIXELS) return;
      startY = undefined;
      this.toggle();
    });
    for (const type of ['pointerup', 'pointercancel'])
      head.addEventListener(type, () => (startY = undefined));
  }
}

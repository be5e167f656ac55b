// SPDX-License-Identifier: Apache-2.0
// The rows that values are set with: a slider, a switch or a menu, with its name and its value.
// Each has `element`, `show(value, {disabled})`, and calls `onChange(value)` for what people do.

import { icon, make } from './dom.js';
import { Latest } from './latest.js';

let count = 0;

// "100 us" is a unit of some exposure times.
export function formatValue(value, unit = '') {
  const [, factor, base] = /^(\d*)\s*(.*)$/.exec(unit);
  const amount = value * Number(factor || 1);
  if (base === 'us' && amount >= 1000) return `${Number((amount / 1000).toPrecision(3))} ms`;
  if (base === 'us') return `${amount} µs`;
  return base ? `${amount} ${base}` : String(amount);
}

// Follows the thumb at once, the camera as fast as it answers, and other viewers when the thumb is
// off. `send(value)` returns a promise; `format(value)` is what stands beside the name.
export class Slider {
  #input;
  #output;
  #reset;
  #latest;
  #format;
  #isHeld = false;
  #shown; // What the camera said last.

  constructor({ title, minimum, maximum, step, defaultValue, format, send }) {
    this.#format = format;
    this.#latest = new Latest(send);
    this.#input = make('input', {
      type: 'range',
      id: `slider-${++count}`,
      min: String(minimum),
      max: String(maximum),
      step: String(step ?? 'any'),
      oninput: () => this.#handleInput(),
      onpointerdown: () => (this.#isHeld = true),
      onchange: () => this.#handleRelease(),
      onpointerup: () => this.#handleRelease(),
      onpointercancel: () => this.#handleRelease(),
    });
    this.#output = make('output', { htmlFor: this.#input.id });
    this.#reset = make(
      'button',
      {
        class: 'reset',
        type: 'button',
        title: 'Back to its default',
        'aria-label': `Set ${title} to its default`,
        hidden: true,
        onclick: () => {
          this.#input.value = String(defaultValue);
          this.#handleInput();
        },
      },
      icon('reset'),
    );
    this.defaultValue = defaultValue;
    this.element = make(
      'div',
      { class: 'field slider' },
      make('label', { htmlFor: this.#input.id }, title),
      this.#reset,
      this.#output,
      this.#input,
    );
  }

  show(value, { disabled = false } = {}) {
    this.#shown = value;
    this.#input.disabled = disabled;
    this.element.classList.toggle('disabled', disabled);
    // What is on its way is newer than what the camera has said.
    if (!this.#isHeld && !this.#latest.isBusy) this.#paint(value);
  }

  async #handleInput() {
    const value = Number(this.#input.value);
    this.#paint(value);
    await this.#latest.set(value);
    if (!this.#isHeld && !this.#latest.isBusy) this.#paint(this.#shown);
  }

  #handleRelease() {
    this.#isHeld = false;
    if (!this.#latest.isBusy) this.#paint(this.#shown);
  }

  #paint(value) {
    const { min, max } = this.#input;
    this.#input.value = String(value);
    this.#input.style.setProperty('--at', `${(100 * (value - min)) / (max - min || 1)}%`);
    this.#output.textContent = this.#format(value);
    this.#input.setAttribute('aria-valuetext', this.#output.textContent);
    const isDefault = this.defaultValue === undefined || value === this.defaultValue;
    this.#reset.hidden = isDefault || this.#input.disabled;
  }
}

export class Switch {
  #input;
  #detail = make('small');

  constructor({ title, send }) {
    this.#input = make('input', {
      type: 'checkbox',
      id: `switch-${++count}`,
      role: 'switch',
      onchange: () => send(this.#input.checked),
    });
    this.element = make(
      'label',
      { class: 'field switch', htmlFor: this.#input.id },
      make('span', {}, title, this.#detail),
      this.#input,
    );
  }

  show(value, { disabled = false, detail = '' } = {}) {
    this.#detail.textContent = detail;
    this.#input.checked = value;
    this.#input.disabled = disabled;
    this.element.classList.toggle('disabled', disabled);
  }
}

export class Menu {
  #select;
  #choices;

  // `choices` are as for offer().
  constructor({ title, choices = [], send }) {
    this.#select = make('select', {
      id: `menu-${++count}`,
      onchange: () => send(this.#choices[this.#select.selectedIndex].value),
    });
    this.offer(choices);
    this.element = make(
      'div',
      { class: 'field menu' },
      make('label', { htmlFor: this.#select.id }, title),
      this.#select,
    );
  }

  // {value, title} each. Nothing moves when they are the same as before.
  offer(choices) {
    const isSame = JSON.stringify(choices) === JSON.stringify(this.#choices);
    this.#choices = choices;
    if (isSame) return;
    this.#select.replaceChildren(...choices.map((choice) => make('option', {}, choice.title)));
  }

  show(value, { disabled = false } = {}) {
    const text = JSON.stringify(value);
    this.#select.selectedIndex = this.#choices.findIndex(
      (choice) => JSON.stringify(choice.value) === text,
    );
    this.#select.disabled = disabled;
    this.element.classList.toggle('disabled', disabled);
  }
}

// SPDX-License-Identifier: Apache-2.0
// Size, frame rate and bitrate of the stream. All viewers get the same one.

import { make } from './dom.js';
import { Menu, Slider } from './field.js';
import { formatBitrate } from './stats.js';

// Heights of usual pictures; widths follow from the camera's shape.
const HEIGHTS = [2160, 1440, 1080, 720, 480, 360, 240];
const FRAME_RATES = [60, 50, 30, 25, 20, 15, 10, 5];

// What people can tell apart, from a slow uplink to a wired network.
const MIN_BITRATE = 100_000;
const MAX_BITRATE = 16_000_000;

const toSlider = (bitrate) => Math.log2(bitrate / MIN_BITRATE);
const fromSlider = (position) => Math.round((MIN_BITRATE * 2 ** position) / 10_000) * 10_000;

// What is there now is always among the choices.
function withPresent(choices, present, title) {
  if (choices.some(({ value }) => value === present)) return choices;
  return [{ value: present, title }, ...choices];
}

const even = (value) => 2 * Math.round(value / 2);

export class StreamFields {
  element = make('section', { class: 'part', hidden: true });

  #camera;
  #fields = make('div', { class: 'fields' });
  #bitrate;
  #shape; // The widest picture so far: what the camera makes by itself.
  #menus = ''; // What the menus were made for.

  constructor(camera) {
    this.#camera = camera;
    this.#bitrate = new Slider({
      title: 'Bitrate',
      minimum: 0,
      maximum: toSlider(MAX_BITRATE),
      format: (position) => formatBitrate(fromSlider(position)),
      send: (position) => this.#set({ bitrate_bps: fromSlider(position) }),
    });
    this.element.append(make('h2', {}, 'Stream for all viewers'), this.#fields);
    camera.addEventListener('stream', () => this.#show());
    camera.addEventListener('access', () => this.#show());
  }

  #show() {
    const { stream } = this.#camera;
    this.element.hidden = stream === undefined || !this.#camera.can('stream.set');
    if (this.element.hidden) return;
    this.#makeMenus(stream);
    this.#bitrate.show(toSlider(Math.max(stream.bitrate_bps, MIN_BITRATE)));
  }

  #makeMenus({ width, height, frames_per_second: rate }) {
    const menus = JSON.stringify([width, height, rate]);
    if (menus === this.#menus) return;
    this.#menus = menus;
    if (this.#shape === undefined || width > this.#shape.width) this.#shape = { width, height };
    const widthOf = (h) => even((h * this.#shape.width) / this.#shape.height);
    const sizes = HEIGHTS.filter((h) => h <= this.#shape.height).map((h) => ({
      value: `${widthOf(h)} × ${h}`,
      title: `${widthOf(h)} × ${h}`,
    }));
    const present = `${width} × ${height}`;
    const size = new Menu({
      title: 'Size',
      choices: withPresent(sizes, present, present),
      send: (value) => {
        const [newWidth, newHeight] = value.split(' × ').map(Number);
        return this.#set({ width: newWidth, height: newHeight });
      },
    });
    const rates = FRAME_RATES.map((value) => ({ value, title: `${value} fps` }));
    const frameRate = new Menu({
      title: 'Frame rate',
      choices: withPresent(rates, rate, `${rate} fps`),
      send: (value) => this.#set({ frames_per_second: value }),
    });
    size.show(present);
    frameRate.show(rate);
    this.#fields.replaceChildren(size.element, frameRate.element, this.#bitrate.element);
  }

  async #set(wanted) {
    if ((await this.#camera.attempt('stream.set', wanted)) !== undefined) return;
    this.#menus = ''; // As it really is.
    this.#show();
  }
}

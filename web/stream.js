// SPDX-License-Identifier: Apache-2.0
// Size, frame rate and bitrate of the stream. All viewers get the same one.

import { make } from './dom.js';
import { Menu, Slider } from './field.js';
import { formatBitrate } from './stats.js';

// Heights of usual pictures; widths follow from the shape of the present one.
const HEIGHTS = [2160, 1440, 1080, 720, 480, 360, 240];

// Any camera may be asked for so much: it takes the nearest that it has. More is there for those that
// have shown more.
const USUAL_HEIGHT = 1080;

const FRAME_RATES = [60, 50, 30, 25, 20, 15, 10, 5];

// What people can tell apart, from a slow uplink to a wired network.
const MIN_BITRATE = 100_000;
const MAX_BITRATE = 16_000_000;

const toSlider = (bitrate) => Math.log2(bitrate / MIN_BITRATE);
const fromSlider = (position) => Math.round((MIN_BITRATE * 2 ** position) / 10_000) * 10_000;

const even = (value) => 2 * Math.round(value / 2);

// What is there now is always among the choices.
const withPresent = (values, present) =>
  values.includes(present) ? values : [...values, present].sort((a, b) => b - a);

// Sizes to choose from, the largest first, of the shape of `largest`: {width, height}. `present` is
// the one now. Pure.
export function sizesFor(largest, present) {
  const most = Math.max(largest.height, USUAL_HEIGHT);
  const heights = HEIGHTS.filter((height) => height <= most);
  return withPresent(heights, present.height).map((height) => {
    if (height === present.height) return { width: present.width, height };
    return { width: even((height * largest.width) / largest.height), height };
  });
}

// Whether two sizes are of one shape, but for rounding. Pure.
export const isSameShape = (a, b) =>
  Math.abs((a.width * b.height) / (a.height * b.width) - 1) < 0.02;

export class StreamFields {
  element = make('section', { class: 'part', hidden: true });

  #camera;
  #size;
  #frameRate;
  #bitrate;
  #largest; // The largest picture of the present shape: widths are rounded from it.

  constructor(camera) {
    this.#camera = camera;
    this.#size = new Menu({ title: 'Size', send: (size) => this.#set(size) });
    this.#frameRate = new Menu({
      title: 'Frame rate',
      send: (rate) => this.#set({ frames_per_second: rate }),
    });
    this.#bitrate = new Slider({
      title: 'Bitrate',
      minimum: 0,
      maximum: toSlider(MAX_BITRATE),
      format: (position) => formatBitrate(fromSlider(position)),
      send: (position) => this.#set({ bitrate_bps: fromSlider(position) }),
    });
    const fields = [this.#size, this.#frameRate, this.#bitrate].map((field) => field.element);
    this.element.append(
      make('h2', {}, 'Stream for all viewers'),
      make('div', { class: 'fields' }, fields),
    );
    for (const type of ['stream', 'access'])
      camera.addEventListener(type, () => this.#show(camera.stream));
  }

  #show(stream) {
    this.element.hidden = stream === undefined || !this.#camera.can('stream.set');
    if (this.element.hidden) return;
    const { width, height, frames_per_second: rate, bitrate_bps: bitrate } = stream;
    const known = this.#largest;
    if (known === undefined || !isSameShape(known, stream) || width > known.width)
      this.#largest = { width, height };
    const sizes = sizesFor(this.#largest, stream);
    this.#size.offer(
      sizes.map((size) => ({ value: size, title: `${size.width} × ${size.height}` })),
    );
    this.#size.show({ width, height });
    const rates = withPresent(FRAME_RATES, rate);
    this.#frameRate.offer(rates.map((value) => ({ value, title: `${value} fps` })));
    this.#frameRate.show(rate);
    this.#bitrate.show(toSlider(Math.max(bitrate, MIN_BITRATE)));
  }

  // The camera takes the nearest that it has.
  async #set(wanted) {
    const stream = await this.#camera.attempt('stream.set', wanted);
    this.#show(stream ?? this.#camera.stream);
  }
}

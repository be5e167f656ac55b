// SPDX-License-Identifier: Apache-2.0
// The last minute of a few numbers, each as a line of its own.

import { make } from './dom.js';

export const SPAN_MS = 60_000;

// One in so many milliseconds is kept.
const INTERVAL_MS = 500;

// What happened in the last minute. Pure.
export class History {
  samples = []; // {at, values}, the oldest first.

  // `values` are numbers or undefined. Returns whether they are kept.
  add(at, values) {
    const last = this.samples.at(-1);
    if (last !== undefined && at - last.at < INTERVAL_MS * 0.9) return false;
    this.samples.push({ at, values });
    while (at - this.samples[0].at > SPAN_MS) this.samples.shift();
    return true;
  }

  // Runs of points {x, y} for one of the values, without the gaps between them: x from 0 (a minute
  // before `now`) to 1, y from 0 to 1 (`most`, which the largest of the values does not exceed, and
  // which is `least` when they are all small: noise shall not look like mountains).
  lines(name, now, least = 1) {
    const known = this.samples.map(({ values }) => values[name]).filter((one) => one !== undefined);
    const most = niceAbove(Math.max(least, ...known));
    const runs = [];
    let run = [];
    let previous;
    for (const { at, values } of this.samples) {
      const value = values[name];
      const isGap =
        value === undefined || (previous !== undefined && at - previous > 4 * INTERVAL_MS);
      if (isGap && run.length > 0) {
        runs.push(run);
        run = [];
      }
      if (value !== undefined) run.push({ x: 1 - (now - at) / SPAN_MS, y: value / most });
      previous = at;
    }
    if (run.length > 0) runs.push(run);
    return { most, runs };
  }
}

// 1, 2 or 5 times a power of ten, so that the scale stays for a while.
function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((factor) => factor * power >= value) * power;
}

export class Graph {
  element = make('div', { class: 'graph' });

  #history = new History();
  #rows;

  // `rows` are {name, title, format, least}.
  constructor(rows) {
    this.#rows = rows.map(({ name, title, format, least }) => {
      const canvas = make('canvas', { role: 'img', 'aria-label': `${title}, the last minute` });
      const value = make('span', { class: 'value' });
      this.element.append(make('div', { class: 'row' }, make('span', {}, title), canvas, value));
      return { name, format, least, canvas, value };
    });
  }

  add(now, values) {
    if (this.#history.add(now, values) && this.element.offsetParent !== null) this.draw(now);
  }

  draw(now) {
    for (const { name, format, least, canvas, value } of this.#rows) {
      value.textContent = format(this.#history.samples.at(-1)?.values[name]);
      this.#drawLines(canvas, this.#history.lines(name, now, least).runs);
    }
  }

  #drawLines(canvas, runs) {
    const scale = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = canvas;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = canvas.getContext('2d');
    const ink = getComputedStyle(canvas).color;
    context.scale(scale, scale);
    context.lineWidth = 1.5;
    context.lineJoin = 'round';
    context.strokeStyle = ink;
    context.fillStyle = ink;
    // Half a line's width inside, so that nothing is cut off.
    const place = ({ x, y }) => [x * width, height - 1 - y * (height - 2)];
    for (const run of runs) {
      context.beginPath();
      for (const point of run) context.lineTo(...place(point));
      context.stroke();
      context.lineTo(run.at(-1).x * width, height);
      context.lineTo(run[0].x * width, height);
      context.globalAlpha = 0.12;
      context.fill();
      context.globalAlpha = 1;
    }
  }
}

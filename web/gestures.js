// SPDX-License-Identifier: Apache-2.0
// Hands on the picture: the wheel and two fingers zoom, and where the camera shows a part of its
// picture, dragging moves that part.

import { Latest } from './latest.js';
import { dragged, magnification, zoomedAt, zoomOf } from './view.js';

// A notch of a mouse wheel has 100 or 120 pixels; a trackpad's pinch is a wheel with Ctrl and small
// steps.
const WHEEL_FACTOR = 1.0015;
const PINCH_FACTOR = 1.01;

// Less is a tap with a hand that shakes.
const DRAG_PIXELS = 6;

// What we asked for is newer than what the camera says, until it had time to say that.
const SETTLE_MS = 600;

export class Gestures {
  #camera;
  #video;
  #pointers = new Map(); // On the picture, by id: {x, y}.
  #isDragging = false;
  #wanted; // {view, at}: the last one that was asked for.
  #latest;

  constructor(camera, video) {
    this.#camera = camera;
    this.#video = video;
    this.#latest = new Latest((view) => camera.call('ptz.move', view));
    video.addEventListener('wheel', (event) => this.#handleWheel(event), { passive: false });
    video.addEventListener('pointerdown', (event) => this.#handleDown(event));
    video.addEventListener('pointermove', (event) => this.#handleMove(event));
    for (const type of ['pointerup', 'pointercancel'])
      video.addEventListener(type, (event) => this.#handleUp(event));
    for (const type of ['ptz', 'access']) {
      camera.addEventListener(type, () => {
        video.classList.toggle('zoomable', this.#canZoom);
        video.classList.toggle('draggable', this.#canDrag);
      });
    }
  }

  get #canZoom() {
    return this.#camera.can('ptz.move') && this.#camera.ptz?.can.zoom === true;
  }

  // Motors are no scrap of paper: they have the pad.
  get #canDrag() {
    return this.#canZoom && this.#camera.ptz.kind === 'digital' && this.#view.zoom > 0;
  }

  get #view() {
    if (this.#wanted && performance.now() - this.#wanted.at < SETTLE_MS) return this.#wanted.view;
    const { pan, tilt, zoom } = this.#camera.ptz;
    return { pan, tilt, zoom };
  }

  #ask(view) {
    this.#wanted = { view, at: performance.now() };
    this.#latest.set(this.#camera.ptz.kind === 'digital' ? view : { zoom: view.zoom });
  }

  #zoom(factor, clientX, clientY) {
    const view = this.#view;
    if (this.#camera.ptz.kind === 'digital') {
      this.#ask(zoomedAt(view, factor, this.#pointAt(clientX, clientY)));
    } else {
      this.#ask({ ...view, zoom: zoomOf(magnification(view.zoom) * factor) });
    }
  }

  // The rectangle of the picture itself: the video element has bars around it.
  #pictureSize() {
    const { videoWidth: width, videoHeight: height } = this.#video;
    const box = this.#video.getBoundingClientRect();
    const scale = Math.min(box.width / (width || 4), box.height / (height || 3));
    return { width: (width || 4) * scale, height: (height || 3) * scale };
  }

  #pointAt(clientX, clientY) {
    const box = this.#video.getBoundingClientRect();
    const { width, height } = this.#pictureSize();
    const part = (value, size) => Math.min(0.5, Math.max(-0.5, value / size));
    return {
      x: part(clientX - box.left - box.width / 2, width),
      y: part(clientY - box.top - box.height / 2, height),
    };
  }

  #handleWheel(event) {
    if (!this.#canZoom) return;
    event.preventDefault(); // The page itself stays as large as it is.
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 40 : 1);
    const factor = (event.ctrlKey ? PINCH_FACTOR : WHEEL_FACTOR) ** -pixels;
    this.#zoom(factor, event.clientX, event.clientY);
  }

  #handleDown(event) {
    if (!this.#canZoom || event.button !== 0) return;
    this.#pointers.set(event.pointerId, {
      x: event.clientX,
      y: event.clientY,
      startX: event.clientX,
      startY: event.clientY,
    });
    event.currentTarget.setPointerCapture(event.pointerId);
  }

  #handleMove(event) {
    const pointer = this.#pointers.get(event.pointerId);
    if (pointer === undefined) return;
    const before = { ...pointer };
    const move = () => Object.assign(pointer, { x: event.clientX, y: event.clientY });
    if (this.#pointers.size === 2) {
      const [other] = [...this.#pointers.values()].filter((one) => one !== pointer);
      const distance = (one) => Math.hypot(one.x - other.x, one.y - other.y);
      const old = distance(before);
      move();
      const middle = { x: (pointer.x + other.x) / 2, y: (pointer.y + other.y) / 2 };
      if (old > 0) this.#zoom(distance(pointer) / old, middle.x, middle.y);
      return;
    }
    if (this.#pointers.size !== 1 || !this.#canDrag) return;
    const far = Math.hypot(event.clientX - pointer.startX, event.clientY - pointer.startY);
    if (!this.#isDragging && far < DRAG_PIXELS) return;
    this.#isDragging = true;
    move();
    const { width, height } = this.#pictureSize();
    const by = { x: (pointer.x - before.x) / width, y: (pointer.y - before.y) / height };
    this.#ask(dragged(this.#view, by));
  }

  #handleUp(event) {
    this.#pointers.delete(event.pointerId);
    this.#isDragging = false;
  }
}

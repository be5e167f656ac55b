// SPDX-License-Identifier: Apache-2.0
// The tab that moves the camera: the pad, the zoom, places to come back to, and the outputs; and the
// keys that do the same wherever the focus is: arrows, + and -.

import { iconButton, make, takesText } from './dom.js';
import { Drive } from './drive.js';
import { Slider } from './field.js';
import { OutputFields } from './outputs.js';
import { PresetFields } from './presets.js';
import { magnification } from './view.js';

// Of the pad's radius: nearer to the middle is still.
const STILL = 0.24;

// Keys know no speed between none and this.
const KEY_SPEED = 0.6;

const KEYS = {
  ArrowLeft: { pan: -KEY_SPEED },
  ArrowRight: { pan: KEY_SPEED },
  ArrowUp: { tilt: KEY_SPEED },
  ArrowDown: { tilt: -KEY_SPEED },
  '+': { zoom: KEY_SPEED },
  '=': { zoom: KEY_SPEED }, // The same key without Shift on many keyboards.
  '-': { zoom: -KEY_SPEED },
  _: { zoom: -KEY_SPEED },
};

const PAD_KEYS = [
  { name: 'up', label: 'Tilt up', axis: 'tilt', speed: { tilt: KEY_SPEED } },
  { name: 'left', label: 'Pan left', axis: 'pan', speed: { pan: -KEY_SPEED } },
  { name: 'right', label: 'Pan right', axis: 'pan', speed: { pan: KEY_SPEED } },
  { name: 'down', label: 'Tilt down', axis: 'tilt', speed: { tilt: -KEY_SPEED } },
];

// Where arrow keys mean something else.
const TAKES_ARROWS = 'input[type="range"], [role="tablist"]';

export class SteerTab {
  id = 'move';
  title = 'Move';
  element = make('div', { class: 'page' });

  #camera;
  #drive;
  #held = new Map(); // What is held down, by place of the key or pointer: its speed.
  #pad;
  #thumb = make('span', { class: 'thumb', 'aria-hidden': 'true' });
  #padButtons = new Map();
  #home;
  #zoom;
  #zoomPart;
  #movePart;
  #presets;
  #outputs;

  constructor(camera) {
    this.#camera = camera;
    this.#drive = new Drive((method, params) => camera.call(method, params));
    this.#presets = new PresetFields(camera);
    this.#outputs = new OutputFields(camera);
    this.#makePad();
    this.#makeZoom();
    this.#movePart = make('div', { class: 'move' }, this.#pad, this.#zoomPart);
    this.element.append(this.#movePart, this.#presets.element, this.#outputs.element);
    for (const type of ['ptz', 'access', 'outputs'])
      camera.addEventListener(type, () => this.#show());
    document.addEventListener('keydown', (event) => this.#handleKeyDown(event));
    document.addEventListener('keyup', (event) => this.#release(event.code));
    // What is held when the page loses the keyboard is never let go.
    window.addEventListener('blur', () => this.#releaseAll());
    document.addEventListener('visibilitychange', () => this.#releaseAll());
  }

  get isOffered() {
    return this.#canMove || this.#outputs.isOffered;
  }

  get #can() {
    const none = { pan: false, tilt: false, zoom: false };
    return this.#camera.can('ptz.drive') ? (this.#camera.ptz?.can ?? none) : none;
  }

  get #canMove() {
    const { pan, tilt, zoom } = this.#can;
    return pan || tilt || zoom;
  }

  #makePad() {
    this.#home = iconButton('home', 'Back to the middle', () => this.#camera.attempt('ptz.home'));
    this.#home.classList.add('home');
    for (const { name, label, speed } of PAD_KEYS) {
      const button = iconButton(name, label);
      button.classList.add('direction', name);
      this.#holdByKey(button, speed);
      this.#padButtons.set(name, button);
    }
    this.#pad = make(
      'div',
      { class: 'pad', role: 'group', 'aria-label': 'Pan and tilt: press and hold' },
      this.#thumb,
      [...this.#padButtons.values()],
      this.#home,
    );
    this.#pad.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || event.target.closest('.home')) return;
      this.#pad.setPointerCapture(event.pointerId);
      this.#pad.classList.add('held');
      this.#steerTo(event);
    });
    this.#pad.addEventListener('pointermove', (event) => {
      if (this.#held.has(`pointer ${event.pointerId}`)) this.#steerTo(event);
    });
    for (const type of ['pointerup', 'pointercancel', 'lostpointercapture']) {
      this.#pad.addEventListener(type, (event) => {
        this.#pad.classList.remove('held');
        this.#release(`pointer ${event.pointerId}`);
      });
    }
    this.#pad.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  #makeZoom() {
    this.#zoom = new Slider({
      title: 'Zoom',
      minimum: 0,
      maximum: 1,
      format: (zoom) =>
        this.#camera.ptz?.kind === 'digital'
          ? `${magnification(zoom).toFixed(1)} ×`
          : `${Math.round(100 * zoom)} %`,
      send: (zoom) => this.#camera.attempt('ptz.move', { zoom }),
    });
    const hold = (name, label, zoom) => {
      const button = iconButton(name, label);
      this.#holdByKey(button, { zoom });
      button.addEventListener('pointerdown', (event) => {
        if (event.button === 0) this.#hold(name, { zoom });
      });
      for (const type of ['pointerup', 'pointerleave', 'pointercancel'])
        button.addEventListener(type, () => this.#release(name));
      button.addEventListener('contextmenu', (event) => event.preventDefault());
      return button;
    };
    this.#zoomPart = make(
      'div',
      { class: 'zoom' },
      hold('minus', 'Zoom out', -KEY_SPEED),
      this.#zoom.element,
      hold('plus', 'Zoom in', KEY_SPEED),
    );
  }

  // With the keyboard, a button is held as it is with a finger.
  #holdByKey(button, speed) {
    const isPress = ({ key }) => key === 'Enter' || key === ' ';
    button.addEventListener('keydown', (event) => {
      if (isPress(event) && !event.repeat) this.#hold(button, speed);
    });
    button.addEventListener('keyup', (event) => {
      if (isPress(event)) this.#release(button);
    });
    button.addEventListener('blur', () => this.#release(button));
  }

  // Away from the middle is the direction, and how far is the speed.
  #steerTo({ pointerId, clientX, clientY }) {
    const box = this.#pad.getBoundingClientRect();
    let x = (clientX - box.left - box.width / 2) / (box.width / 2);
    let y = (clientY - box.top - box.height / 2) / (box.height / 2);
    const distance = Math.hypot(x, y);
    if (distance > 1) [x, y] = [x / distance, y / distance];
    const { pan, tilt } = this.#can;
    if (!pan) x = 0;
    if (!tilt) y = 0;
    this.#thumb.style.setProperty('--x', String(x));
    this.#thumb.style.setProperty('--y', String(y));
    const speed = (part) => {
      const beyond = (Math.abs(part) - STILL) / (1 - STILL);
      // Fine near the middle, quick at the rim.
      return beyond > 0 ? Math.sign(part) * beyond ** 1.5 : 0;
    };
    this.#hold(`pointer ${pointerId}`, { pan: speed(x), tilt: speed(-y) });
  }

  #handleKeyDown(event) {
    if (event.key === 'Meta') this.#releaseAll(); // On a Mac, no key is let go while it is held.
    if (event.ctrlKey || event.metaKey || event.altKey || takesText(event.target)) return;
    if (event.key.startsWith('Arrow') && event.target.closest?.(TAKES_ARROWS)) return;
    const speed = KEYS[event.key];
    if (speed === undefined || !Object.keys(speed).some((axis) => this.#can[axis])) return;
    event.preventDefault();
    if (!event.repeat) this.#hold(event.code, speed); // Its name changes with Shift.
  }

  #hold(what, speed) {
    this.#held.set(what, speed);
    this.#steer();
  }

  #release(what) {
    if (this.#held.delete(what)) this.#steer();
  }

  #releaseAll() {
    this.#held.clear();
    this.#steer();
  }

  #steer() {
    const can = this.#can;
    const speed = {};
    for (const axis of ['pan', 'tilt', 'zoom']) {
      if (!can[axis]) continue;
      const sum = [...this.#held.values()].reduce((total, one) => total + (one[axis] ?? 0), 0);
      speed[axis] = Number(Math.min(1, Math.max(-1, sum)).toFixed(3));
    }
    if (Object.values(speed).some((value) => value !== 0)) this.#drive.steer(speed);
    else this.#drive.stop();
  }

  #show() {
    const can = this.#can;
    this.#movePart.hidden = !this.#canMove;
    this.#pad.hidden = !can.pan && !can.tilt;
    for (const { name, axis } of PAD_KEYS) this.#padButtons.get(name).hidden = !can[axis];
    this.#zoomPart.hidden = !can.zoom;
    if (can.zoom) this.#zoom.show(this.#camera.ptz.zoom);
  }
}

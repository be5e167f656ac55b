// SPDX-License-Identifier: Apache-2.0
// Moves the camera for as long as somebody holds a key or the pad. The camera stops by itself when it
// hears nothing for DRIVE_MS, so a page that loses its connection leaves nothing turning.

import { Latest } from './latest.js';

const DRIVE_MS = 1000;
const RENEW_MS = 400;

// A tap is a move that can be seen.
const LEAST_MS = 180;

export class Drive {
  isMoving = false;

  #call;
  #latest;
  #speed;
  #startedAt;
  #renewal;
  #ending;

  // `call(method, params)` returns a promise.
  constructor(call) {
    this.#call = call;
    this.#latest = new Latest((speed) => call('ptz.drive', { ...speed, for_ms: DRIVE_MS }));
  }

  // From now on with this speed: {pan, tilt, zoom}, each from -1 to 1 or left out.
  steer(speed, now = performance.now()) {
    clearTimeout(this.#ending);
    this.#speed = speed;
    if (!this.isMoving) {
      this.isMoving = true;
      this.#startedAt = now;
      this.#renewal = setInterval(() => this.#latest.set(this.#speed), RENEW_MS);
    }
    this.#latest.set(speed);
  }

  stop(now = performance.now()) {
    if (!this.isMoving) return;
    clearTimeout(this.#ending);
    const left = LEAST_MS - (now - this.#startedAt);
    if (left > 0) this.#ending = setTimeout(() => this.#stop(), left);
    else this.#stop();
  }

  #stop() {
    clearInterval(this.#renewal);
    this.isMoving = false;
    this.#latest.forget();
    // It comes after the last ptz.drive: the channel keeps the order.
    this.#call('ptz.stop').catch(() => {});
  }
}

// SPDX-License-Identifier: Apache-2.0
// For values that follow a hand: one call at a time is under way, and of the values that come
// meanwhile only the last one is sent. Slow links get fewer steps, never a queue of them.

// Quick links get so many steps that a hand sees none, and stay far below what the camera takes of
// one client (100 calls a second).
const INTERVAL_MS = 40;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Latest {
  #send;
  #next; // {value}: waits for the call that is under way.

  isBusy = false;

  // `send(value)` makes the call and resolves when it has been answered; what it throws is its own
  // business.
  constructor(send) {
    this.#send = send;
  }

  async set(value) {
    this.#next = { value };
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.#next !== undefined) {
      const { value: newest } = this.#next;
      this.#next = undefined;
      // The next value is sent whatever becomes of this one.
      await Promise.allSettled([this.#try(newest), pause(INTERVAL_MS)]);
    }
    this.isBusy = false;
  }

  // What waits is not sent any more.
  forget() {
    this.#next = undefined;
  }

  async #try(value) {
    await this.#send(value);
  }
}

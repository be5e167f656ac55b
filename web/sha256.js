// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), piece by piece. Browsers have it in crypto.subtle, but not for pages that
// came over plain HTTP, as a camera's do, and not in pieces.

// Section 4.2.2: the first 32 bits of the fractional parts of the first 64 primes' cube roots.
// Signed, as the engines' integers are: that is much quicker.
const ROUND_CONSTANTS = Int32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)));

// Section 5.3.3: the same of the square roots of the first 8.
const INITIAL_STATE = Int32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));

const BLOCK_SIZE = 64; // Bytes.

function primes(count) {
  const found = [];
  for (let number = 2; found.length < count; number += 1)
    if (found.every((prime) => number % prime !== 0)) found.push(number);
  return found;
}

// A double has 53 bits: 32 after the point are left for the roots here, which are below 18.
function fraction(root) {
  return ((root - Math.floor(root)) * 2 ** 32) | 0;
}

export class Sha256 {
  #state = INITIAL_STATE.slice();
  #schedule = new Int32Array(64);
  #block = new Uint8Array(BLOCK_SIZE); // What has come of the next block.
  #filled = 0;
  #length = 0; // Bytes so far.

  // `bytes` is a Uint8Array.
  update(bytes) {
    this.#length += bytes.length;
    let at = 0;
    if (this.#filled > 0) {
      at = Math.min(BLOCK_SIZE - this.#filled, bytes.length);
      this.#block.set(bytes.subarray(0, at), this.#filled);
      this.#filled += at;
      if (this.#filled < BLOCK_SIZE) return this;
      this.#compress(this.#block, 0);
    }
    for (; at + BLOCK_SIZE <= bytes.length; at += BLOCK_SIZE) this.#compress(bytes, at);
    this.#filled = bytes.length - at;
    this.#block.set(bytes.subarray(at));
    return this;
  }

  // The digest in hexadecimal digits; nothing may be called after this.
  hex() {
    // Section 5.1.1: a one bit, zeros, and the length in bits as 64.
    const length = this.#length;
    const end = this.#filled < BLOCK_SIZE - 8 ? BLOCK_SIZE : 2 * BLOCK_SIZE;
    const padding = new Uint8Array(end - this.#filled);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(length / 2 ** 29));
    view.setUint32(padding.length - 4, (length * 8) >>> 0);
    this.update(padding);
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  // Section 6.2.2, over the 64 bytes from `at` on.
  #compress(bytes, at) {
    const w = this.#schedule;
    for (let t = 0; t < 16; t += 1, at += 4)
      w[t] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    for (let t = 16; t < 64; t += 1) {
      const x = w[t - 15];
      const y = w[t - 2];
      const sigma0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const sigma1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[t] = (sigma1 + w[t - 7] + sigma0 + w[t - 16]) | 0;
    }
    const state = this.#state;
    // One by one: taking them as a list would cost half of the speed.
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let t = 0; t < 64; t += 1) {
      const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const choice = (e & f) ^ (~e & g);
      const temporary1 = (h + sum1 + choice + ROUND_CONSTANTS[t] + w[t]) | 0;
      const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const majority = (a & b) ^ (a & c) ^ (b & c);
      h = g;
      g = f;
      f = e;
      e = (d + temporary1) | 0;
      d = c;
      c = b;
      b = a;
      a = (temporary1 + sum0 + majority) | 0;
    }
    // Additions wrap as they are stored.
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
  }
}

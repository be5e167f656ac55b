// SPDX-License-Identifier: Apache-2.0
// The STUN and TURN servers that the camera names for its viewers (RFC 9725 section 4.6): asked for
// by OPTIONS before the first offer, and told again with each answer. TURN credentials end, so what
// is old is asked for anew.

import { iceServers } from './sdp.js';

// For how long an answer is taken for fresh; credentials last at least an hour.
const FRESH_MS = 10 * 60_000;

// How long a connection attempt waits for the answer. A camera that is slower than this is asked to
// connect without: its own relay may do.
const WAIT_MS = 1000;

// Whether the camera had none last time. Then nobody waits for it to say so again.
const MEMORY = 'ocellus.no-ice-servers';

// A page in a frame may have no storage.
function recall() {
  try {
    return localStorage.getItem(MEMORY) !== null;
  } catch {
    return false;
  }
}

function remember(none) {
  try {
    if (none) localStorage.setItem(MEMORY, '');
    else localStorage.removeItem(MEMORY);
  } catch {
    // Then it is asked for again.
  }
}

export class IceServers {
  list = []; // As RTCConfiguration has them.

  #endpoint;
  #headers;
  #expected = !recall();
  #asking = Promise.resolve();
  #askedAt = -Infinity;

  constructor(endpoint, headers) {
    this.#endpoint = endpoint;
    this.#headers = headers;
  }

  // Resolves when `list` is as it should be for a gathering that begins now: at once where the
  // camera names no servers, or has named them lately. Never rejects.
  async ready(now = Date.now()) {
    if (now - this.#askedAt > FRESH_MS) {
      this.#askedAt = now;
      this.#asking = this.#ask();
    }
    if (!this.#expected) return;
    let timer;
    const enough = new Promise((resolve) => {
      timer = setTimeout(resolve, WAIT_MS);
    });
    await Promise.race([this.#asking, enough]);
    clearTimeout(timer);
  }

  // The Link header of an answer. One without servers changes nothing: a proxy may have answered.
  take(link) {
    const servers = iceServers(link);
    if (servers.length === 0) return;
    this.list = servers;
    this.#expected = true;
    remember(false);
  }

  async #ask() {
    try {
      const response = await fetch(this.#endpoint, {
        method: 'OPTIONS',
        headers: this.#headers,
        cache: 'no-store',
        signal: AbortSignal.timeout(4 * WAIT_MS),
      });
      if (!response.ok) throw new Error(`OPTIONS is answered with ${response.status}`);
      this.take(response.headers.get('Link'));
      this.#expected = this.list.length > 0;
      remember(!this.#expected);
    } catch {
      // The camera is away, which the offer will find out too.
      this.#askedAt = -Infinity;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
// Keeps the picture alive: connects, notices that something is wrong, restarts ICE or connects
// anew, and says what goes on.
//
//   connecting  an offer is out, or the first frame is awaited
//   live        frames are shown
//   restarting  the path is lost; ICE looks for another
//   stalled     connected, but the camera itself has no picture
//   waiting     refused or unreachable; the next attempt comes by itself
//   locked      refused until somebody brings another token: useToken()

import { LABEL, PROTOCOL } from './control.js';
import { IceServers } from './servers.js';
import { StatsMeter } from './stats.js';
import { WhepClient } from './whep.js';

// How often the statistics are read.
const WATCH_INTERVAL_MS = 250;

// Without a new frame for that long, the picture is taken for lost. Cameras make one a second at
// least.
export const STALL_MS = 1500;

// From the answer to the first frame; each attempt after one that found no path has more time,
// because a relay behind a slow link needs many round trips.
const FIRST_FRAME_MS = 6000;
const MORE_TIME_MS = 4000;
const MAX_FIRST_FRAME_MS = 20_000;

// How often the camera is asked how many watch and which way; and while somebody looks at that.
const STATUS_INTERVAL_MS = 10_000;
const LOOKED_AT_INTERVAL_MS = 2000;

// ICE calls a path "disconnected" when some checks fail; most come back by themselves.
const DISCONNECTED_GRACE_MS = 1000;

// From a restart to a path.
const RESTART_MS = 6000;

const MAX_BACKOFF_MS = 3000;

// Milliseconds until attempt number `attempt` (from 0): doubling, spread so that the viewers of a
// camera that has restarted do not all come at once, never before the camera asked us to.
export function retryDelay(attempt, retryAfterSeconds, random = Math.random()) {
  const backoff = Math.min(MAX_BACKOFF_MS, 250 * 2 ** attempt) * (0.75 + random / 2);
  return Math.max(backoff, (retryAfterSeconds ?? 0) * 1000);
}

export class Session {
  state = 'connecting';
  reason = '';
  stats;
  status; // What the camera says of itself and of this viewer: /status.
  isLookedAt = false; // Somebody reads the status.
  token; // What this viewer shows the camera, if anything.

  #options;
  #headers;
  #servers;
  #client;
  #meter;
  #attempt = 0;
  #pathless = 0; // Attempts since the last frame that had an answer and found no path.
  #retryTimer;
  #graceTimer;
  #deadline; // When this attempt, or this restart, has taken too long.
  #frames = 0;
  #lastFrameAt = 0;
  #isAdmitted = false; // The camera has shown its picture for this token.
  #asking = false; // A question to /status is under way.
  #askedAt = -Infinity;

  // {endpoint, statusUrl, token, onState(state, reason), onTrack(track, receiver),
  //  onChannel(channel, or undefined when it has gone), onStats(stats), onStatus(status)}
  constructor(options) {
    this.#options = options;
    this.setToken(options.token);
  }

  get pc() {
    return this.#client?.pc;
  }

  start() {
    setInterval(() => this.#watch(), WATCH_INTERVAL_MS);
    this.#connect();
  }

  // The page goes away.
  stop() {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#graceTimer);
    if (this.#client === undefined) return;
    this.#client.close();
    this.#client = undefined;
    this.#options.onChannel(undefined);
  }

  // The network has changed, or somebody looks again: no reason to wait any longer.
  hurry() {
    if (this.state === 'waiting') this.#connect();
    else if (this.state === 'live' || this.state === 'stalled') this.#restart();
  }

  // For the requests from now on; undefined: without one.
  setToken(token) {
    this.token = token;
    this.#headers = token ? { Authorization: `Bearer ${token}` } : {};
    this.#servers = new IceServers(this.#options.endpoint, this.#headers);
  }

  // Connects anew with this token.
  useToken(token) {
    this.setToken(token);
    this.#isAdmitted = false;
    this.#attempt = 0;
    this.reason = '';
    this.#connect();
  }

  // A frame is on the screen.
  frameShown() {
    this.#lastFrameAt = performance.now();
    if (this.state === 'live' || this.#client === undefined) return;
    if (this.pc?.connectionState !== 'connected') return;
    this.#isAdmitted = true;
    this.#attempt = 0;
    this.#pathless = 0;
    this.#deadline = undefined;
    this.#enter('live');
  }

  async #connect() {
    this.stop();
    this.#enter('connecting', this.reason);
    this.#meter = new StatsMeter();
    this.#frames = 0;
    this.#deadline = undefined;
    const client = new WhepClient(this.#options.endpoint, {
      headers: this.#headers,
      servers: this.#servers,
      // Before the offer, so that it has data channels in it. A camera that knows none refuses them
      // and sends its picture all the same.
      onOpen: (pc) =>
        this.#options.onChannel(pc.createDataChannel(LABEL, { protocol: PROTOCOL, ordered: true })),
      onTrack: (track, receiver) => {
        this.#options.onTrack(track, receiver);
        // The camera says goodbye through DTLS: there is nothing to wait for.
        receiver.transport?.addEventListener('statechange', () => {
          if (client === this.#client && receiver.transport.state === 'closed')
            this.#retry('The camera has closed the connection');
        });
      },
      onConnectionState: (state) => {
        if (client === this.#client) this.#handleConnectionState(state);
      },
    });
    this.#client = client;
    try {
      await client.connect();
      const patience = Math.min(FIRST_FRAME_MS + MORE_TIME_MS * this.#pathless, MAX_FIRST_FRAME_MS);
      if (client === this.#client) this.#deadline = performance.now() + patience;
    } catch (error) {
      if (client !== this.#client) return;
      // The same token again would be as wrong, and the camera slows down who guesses: 429.
      const isRefused = error.status === 401 || (error.status === 429 && !this.#isAdmitted);
      if (isRefused) {
        this.stop();
        this.#enter('locked', error.message);
        return;
      }
      const unreachable = error.name === 'TypeError' || error.name === 'TimeoutError';
      this.#retry(unreachable ? 'The camera cannot be reached' : error.message, error.retryAfter);
    }
  }

  #retry(reason, retryAfterSeconds) {
    this.stop();
    this.#enter('waiting', reason);
    this.#retryTimer = setTimeout(
      () => this.#connect(),
      retryDelay(this.#attempt, retryAfterSeconds),
    );
    this.#attempt += 1;
  }

  async #restart() {
    const client = this.#client;
    clearTimeout(this.#graceTimer);
    if (this.state === 'restarting') return;
    this.#enter('restarting');
    this.#deadline = performance.now() + RESTART_MS;
    try {
      await client.restartIce();
    } catch (error) {
      if (client === this.#client)
        this.#retry(error.name === 'WhepError' ? error.message : 'The camera cannot be reached');
    }
  }

  #handleConnectionState(state) {
    clearTimeout(this.#graceTimer);
    if (state === 'disconnected') {
      this.#graceTimer = setTimeout(() => this.#restart(), DISCONNECTED_GRACE_MS);
    } else if (state === 'failed') {
      // Without ever having been connected there is no path for media at all.
      if (this.state === 'connecting' || this.state === 'restarting') this.#retryWithoutPath();
      else this.#restart();
    }
  }

  #retryWithoutPath() {
    this.#pathless += 1;
    const cameraServers = this.status?.network?.servers;
    this.#retry(this.#client.diary.explain(this.#servers.list, cameraServers));
  }

  async #watch() {
    const client = this.#client;
    if (client?.pc === undefined || client.pc.connectionState === 'closed') return;
    const now = performance.now();
    const stats = this.#meter.update(await client.pc.getStats(), now);
    if (client !== this.#client) return;
    if (stats !== undefined) {
      this.stats = stats;
      this.#options.onStats(stats);
      if (stats.framesDecoded !== this.#frames) {
        this.#frames = stats.framesDecoded;
        this.frameShown();
      }
    }
    // A page in the background may be kept from decoding; that is no stall.
    if (document.hidden) {
      this.#lastFrameAt = now;
      return;
    }
    const connected = client.pc.connectionState === 'connected';
    const silent = now - this.#lastFrameAt > STALL_MS;
    if ((this.state === 'live' || this.state === 'stalled') && connected && silent) {
      this.#explainStall(client);
    } else if (this.#deadline !== undefined && now > this.#deadline) {
      if (connected) this.#explainStall(client);
      else this.#retryWithoutPath();
    } else if (now - this.#askedAt > this.#statusInterval()) {
      this.#askStatus(client);
    }
  }

  // Until there is a picture, what the camera has to say may be why.
  #statusInterval() {
    const wanted = this.isLookedAt || this.state !== 'live';
    return wanted ? LOOKED_AT_INTERVAL_MS : STATUS_INTERVAL_MS;
  }

  // Resolves to what /status says, of this viewer and of how many there are; to undefined when the
  // camera cannot be reached, or while another question is under way.
  async #askStatus(client) {
    if (this.#asking || client.id === undefined) return undefined;
    this.#asking = true;
    this.#askedAt = performance.now();
    const url = new URL(this.#options.statusUrl);
    url.searchParams.set('viewer', client.id);
    let status;
    try {
      const response = await fetch(url, {
        headers: this.#headers,
        cache: 'no-store',
        signal: AbortSignal.timeout(STALL_MS),
      });
      if (response.ok) status = await response.json();
    } catch {
      // Where it matters, connecting anew will say so.
    }
    this.#asking = false;
    if (status !== undefined && client === this.#client) {
      this.status = status;
      this.#options.onStatus(status);
    }
    return status;
  }

  // No frame comes: is it the camera, or is it us? The camera says so in /status.
  async #explainStall(client) {
    if (this.#asking) return;
    const status = await this.#askStatus(client);
    if (client !== this.#client || performance.now() - this.#lastFrameAt <= STALL_MS) return;
    this.#deadline = undefined;
    if (status?.source.error) {
      this.#enter('stalled', status.source.error);
    } else {
      this.#retry('The picture has stopped');
    }
  }

  #enter(state, reason = '') {
    if (state === this.state && reason === this.reason) return;
    this.state = state;
    this.reason = reason;
    this.#options.onState(state, reason);
  }
}

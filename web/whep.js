// SPDX-License-Identifier: Apache-2.0
// The player's side of WHEP (draft-ietf-wish-whep-04): one session, from the offer to the DELETE.
// It does not reconnect: session.js makes a new one.

import { IceDiary } from './path.js';
import { iceCredentials, iceFragment, restartedAnswer } from './sdp.js';

const SDP = 'application/sdp';
const FRAGMENT = 'application/trickle-ice-sdpfrag';
const CAPTURE_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time';

// How long the camera may take to answer a request.
const REQUEST_TIMEOUT_MS = 4000;

// How long candidates are collected for one PATCH. Section 4.6.2: "SHOULD send a single aggregated
// HTTP PATCH request with all the buffered ICE candidates".
const TRICKLE_DELAY_MS = 20;

// What the camera refused, in its own words.
export class WhepError extends Error {
  constructor(message, { status, retryAfter } = {}) {
    super(message);
    this.name = 'WhepError';
    this.status = status;
    this.retryAfter = retryAfter; // Seconds, or undefined.
  }

  static async from(response) {
    let detail = `The camera answers ${response.status} ${response.statusText}`;
    try {
      if (response.headers.get('Content-Type')?.startsWith('application/problem+json')) {
        detail = (await response.json()).detail ?? detail;
      }
    } catch {
      // A body that is cut off says nothing; the status does.
    }
    const retryAfter = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
    return new WhepError(detail, {
      status: response.status,
      retryAfter: Number.isNaN(retryAfter) ? undefined : retryAfter,
    });
  }
}

export class WhepClient {
  pc;
  diary; // What ICE has had to work with since the session, or its restart, began.

  #endpoint;
  #headers;
  #servers;
  #onOpen;
  #onTrack;
  #onConnectionState;

  #session; // The session's URL, once there is one.
  #etag; // Of the current ICE session; undefined while it is being negotiated.
  #answer; // The server's description, as the last restart left it.
  #candidates = []; // Gathered, not yet sent.
  #gathered = false; // There will be no more of them, which is not yet said.
  #trickleTimer;
  #closed = false;

  // `headers` go with every request, `servers` are an IceServers. `onOpen(pc)` may add what else
  // shall be offered, and comes again for a counter-offer's; `onTrack(track, receiver)` and
  // `onConnectionState(state)` are called until close().
  constructor(endpoint, { headers, servers, onOpen, onTrack, onConnectionState }) {
    this.#endpoint = endpoint;
    this.#headers = headers;
    this.#servers = servers;
    this.#onOpen = onOpen;
    this.#onTrack = onTrack;
    this.#onConnectionState = onConnectionState;
  }

  // The session's id, once there is one.
  get id() {
    return this.#session?.pathname.split('/').at(-1);
  }

  // Resolves when offer and answer are exchanged; ICE and DTLS follow by themselves.
  async connect() {
    // Gathering begins with the local description, and needs the servers; what comes before does not.
    const ready = this.#servers.ready();
    const pc = this.#open();
    const video = pc.addTransceiver('video', { direction: 'recvonly' });
    askForCaptureTime(video);
    this.#onOpen?.(pc);
    const [offer] = await Promise.all([pc.createOffer(), ready]);
    this.#useServers();
    await pc.setLocalDescription(offer);
    const response = await this.#request(this.#endpoint, 'POST', SDP, pc.localDescription.sdp);
    const counterOffer =
      response.status === 406 && response.headers.get('Content-Type')?.startsWith(SDP);
    if (response.status !== 201 && !counterOffer) throw await WhepError.from(response);

    this.#session = new URL(response.headers.get('Location'), response.url);
    const etag = response.headers.get('ETag');
    const sdp = await response.text();
    if (this.#closed) {
      this.#delete();
      return;
    }
    this.#servers.take(response.headers.get('Link'));
    if (counterOffer) {
      await this.#acceptCounterOffer(sdp);
    } else {
      this.diary.addRemote(sdp);
      await pc.setRemoteDescription({ type: 'answer', sdp });
      this.#answer = sdp;
    }
    this.#etag = etag ?? undefined;
    this.#trickleSoon();
  }

  // New credentials and candidates for the same session (section 4.6.3): for when the network has
  // changed. Throws when the camera refuses; the session is then as it was.
  async restartIce() {
    const { pc } = this;
    const etag = this.#etag;
    if (etag === undefined || this.#answer === undefined || pc.signalingState !== 'stable') {
      throw new WhepError('This session cannot be restarted');
    }
    this.#etag = undefined;
    this.#candidates = [];
    this.#gathered = false;
    this.diary = new IceDiary();
    try {
      const [offer] = await Promise.all([
        pc.createOffer({ iceRestart: true }),
        this.#servers.ready(),
      ]);
      this.#useServers();
      await pc.setLocalDescription(offer);
      const fragment = iceFragment(
        pc.localDescription.sdp,
        this.#takeCandidates(),
        this.#takeGathered(),
      );
      const response = await this.#request(this.#session, 'PATCH', FRAGMENT, fragment, '*');
      if (response.status !== 200) throw await WhepError.from(response);
      const answer = restartedAnswer(this.#answer, await response.text());
      this.diary.addRemote(answer);
      await pc.setRemoteDescription({ type: 'answer', sdp: answer });
      this.#answer = answer;
      this.#etag = response.headers.get('ETag') ?? undefined;
      this.#trickleSoon();
    } catch (error) {
      this.#etag = etag;
      if (pc.signalingState === 'have-local-offer')
        await pc.setLocalDescription({ type: 'rollback' });
      throw error;
    }
  }

  // Ends the session, also while the page goes away.
  close() {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#trickleTimer);
    this.pc?.close();
    this.#delete();
  }

  #open() {
    this.pc?.close();
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require' });
    this.pc = pc;
    this.diary = new IceDiary();
    pc.ontrack = ({ track, receiver }) => {
      // Live, not smooth: nothing is kept back for a late packet. (The camera asks for the same.)
      if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = 0;
      this.#onTrack(track, receiver);
    };
    pc.onconnectionstatechange = () => {
      if (!this.#closed && pc === this.pc) this.#onConnectionState(pc.connectionState);
    };
    pc.onicecandidate = ({ candidate }) => {
      if (pc !== this.pc) return;
      if (!candidate?.candidate) {
        this.#gathered = true;
      } else {
        // One of the ICE session before the restart.
        const { ufrag } = iceCredentials(pc.localDescription.sdp);
        if (candidate.usernameFragment && candidate.usernameFragment !== ufrag) return;
        this.#candidates.push(candidate.candidate);
        this.diary.addLocal(candidate);
      }
      this.#trickleSoon();
    };
    pc.onicecandidateerror = (event) => {
      if (pc === this.pc) this.diary.addError(event);
    };
    return pc;
  }

  // For the next gathering. A server that this browser cannot use is no reason to use none.
  #useServers() {
    const usable = [];
    for (const server of this.#servers.list) {
      const iceServers = [...usable, server];
      try {
        this.pc.setConfiguration({ ...this.pc.getConfiguration(), iceServers });
        usable.push(server);
      } catch {
        // A URL that it does not know, say.
      }
    }
  }

  // Section 4.3.2: the camera could send nothing of what we offered, and offers by itself.
  async #acceptCounterOffer(sdp) {
    this.#candidates = [];
    this.#gathered = false;
    const pc = this.#open();
    this.#useServers();
    this.diary.addRemote(sdp);
    this.#onOpen?.(pc);
    await pc.setRemoteDescription({ type: 'offer', sdp });
    await pc.setLocalDescription();
    const response = await this.#request(this.#session, 'PATCH', SDP, pc.localDescription.sdp);
    if (response.status !== 204) throw await WhepError.from(response);
  }

  #takeCandidates() {
    return this.#candidates.splice(0);
  }

  #takeGathered() {
    const gathered = this.#gathered;
    this.#gathered = false;
    return gathered;
  }

  #trickleSoon() {
    if (this.#closed || this.#etag === undefined || this.#trickleTimer !== undefined) return;
    if (this.#candidates.length === 0 && !this.#gathered) return;
    this.#trickleTimer = setTimeout(() => {
      this.#trickleTimer = undefined;
      this.#trickle();
    }, TRICKLE_DELAY_MS);
  }

  async #trickle() {
    if (this.#closed || this.#etag === undefined) return;
    const fragment = iceFragment(
      this.pc.localDescription.sdp,
      this.#takeCandidates(),
      this.#takeGathered(),
    );
    try {
      await this.#request(this.#session, 'PATCH', FRAGMENT, fragment, this.#etag);
    } catch {
      // Candidates that do not arrive are found as peer-reflexive ones; if nothing connects at all,
      // the connection's state will say so.
    }
  }

  #request(url, method, type, body, ifMatch) {
    const headers = { ...this.#headers, 'Content-Type': type };
    if (ifMatch !== undefined) headers['If-Match'] = ifMatch;
    return fetch(url, {
      method,
      headers,
      body,
      cache: 'no-store',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
  }

  #delete() {
    if (this.#session === undefined) return;
    fetch(this.#session, { method: 'DELETE', headers: this.#headers, keepalive: true }).catch(
      () => {},
    );
    this.#session = undefined;
  }
}

// Browsers offer abs-capture-time only when they are asked to; with it latency can be measured.
function askForCaptureTime(transceiver) {
  if (!transceiver.setHeaderExtensionsToNegotiate) return;
  const extensions = transceiver.getHeaderExtensionsToNegotiate();
  for (const extension of extensions) {
    if (extension.uri === CAPTURE_TIME) extension.direction = 'sendrecv';
  }
  transceiver.setHeaderExtensionsToNegotiate(extensions);
}

// SPDX-License-Identifier: Apache-2.0
// The way that the media takes between this device and the camera, and, where there is none, what
// has been tried. Pure.

const unique = (values) => [...new Set(values)];

const KINDS = {
  host: 'direct',
  srflx: 'NAT-mapped',
  prflx: 'NAT-mapped',
  relay: 'relayed',
};

// From RTCStats: the selected pair and its candidates. Undefined before there is one.
export function pathOf(pair, byId) {
  const local = byId.get(pair?.localCandidateId);
  const remote = byId.get(pair?.remoteCandidateId);
  if (local === undefined || remote === undefined) return undefined;
  return {
    localType: local.candidateType,
    remoteType: remote.candidateType,
    localAddress: addressOf(local),
    remoteAddress: addressOf(remote),
    protocol: local.protocol,
    relayProtocol: local.candidateType === 'relay' ? local.relayProtocol : undefined,
  };
}

// Browsers that hide local addresses leave them out.
function addressOf({ address, ip, port }) {
  const host = address ?? ip;
  if (!host) return undefined;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

// "Direct", "Relayed", with what carries it where that is not UDP: "Direct, TCP", "Relayed, TLS".
export function describePath(path) {
  if (path === undefined) return '–';
  const relayed = path.localType === 'relay' || path.remoteType === 'relay';
  const carrier = (path.relayProtocol ?? path.protocol ?? 'udp').toUpperCase();
  return (relayed ? 'Relayed' : 'Direct') + (carrier === 'UDP' ? '' : `, ${carrier}`);
}

// What one connection attempt has had to work with.
export class IceDiary {
  #local = []; // {type, protocol, url}
  #remote = [];
  #errors = new Map(); // By URL: {code, text}; the last one counts.

  addLocal({ type, protocol, relayProtocol, url }) {
    this.#local.push({ type, protocol: relayProtocol ?? protocol, url });
  }

  // The candidates of a description or a fragment of one.
  addRemote(sdp) {
    for (const [, protocol, type] of sdp.matchAll(/^a=candidate:\S+ \d+ (\S+) .* typ (\S+)/gm)) {
      this.#remote.push({ type, protocol: protocol.toLowerCase() });
    }
  }

  // An icecandidateerror event.
  addError({ url, errorCode, errorText }) {
    this.#errors.set(url, { code: errorCode, text: errorText });
  }

  // Why nothing connects, in sentences. `servers` are those of this page, `cameraServers` those of
  // /status.
  explain(servers = [], cameraServers = []) {
    const sentences = ['No media path to the camera.'];
    const here = kindsOf(this.#local);
    const there = kindsOf(this.#remote);
    if (here.length === 0) sentences.push('This browser found no address of its own.');
    else if (there.length === 0) sentences.push('The camera named no address.');
    else {
      sentences.push(
        `Tried ${join(here)} addresses here with ${join(there)} ones of the camera, ` +
          `over ${join(carriersOf(this.#local))}.`,
      );
    }
    for (const [url, error] of this.#errors) {
      // On one interface it failed, on another it did not.
      if (this.#local.some((candidate) => candidate.url === url)) continue;
      sentences.push(`${url} ${describeError(error)}.`);
    }
    for (const { url, state, reason } of cameraServers) {
      if (state === 'failed') sentences.push(`For the camera, ${url}: ${reason ?? 'failed'}.`);
    }
    const relays = servers.flatMap(({ urls }) => urls).some((url) => /^turns?:/.test(url));
    if (!relays && !there.includes(KINDS.relay)) sentences.push('There is no TURN server to relay.');
    return sentences.join(' ');
  }
}

const kindsOf = (candidates) =>
  unique(candidates.map(({ type }) => KINDS[type] ?? type)).sort();

const carriersOf = (candidates) =>
  unique(candidates.map(({ protocol }) => (protocol ?? 'udp').toUpperCase()))
    .sort()
    .reverse();

function join(words) {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

// RTCPeerConnectionIceErrorEvent.errorCode: STUN's, or 701 for a server that cannot be reached.
function describeError({ code, text }) {
  if (code === 401) return 'refuses the credentials';
  if (code >= 300 && code <= 699) return `answers ${code}${text ? ` (${text})` : ''}`;
  return 'cannot be reached';
}

// A pair of /status, the camera's end first: "host → srflx, UDP: no answer".
export function describePair(pair) {
  const carrier = (pair.relay_protocol ?? pair.protocol).toUpperCase();
  return `${pair.local_type} → ${pair.remote_type}, ${carrier}: ${pair.reason ?? pair.state}`;
}

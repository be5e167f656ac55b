// SPDX-License-Identifier: Apache-2.0
// What the page tells of the connection: a word and the number of viewers in the bar, and the panel
// above it with both ends of the path, what else was tried and which servers help.

import { element } from './dom.js';
import { Graph } from './graph.js';
import { describePair, describePath } from './path.js';
import { formatBitrate } from './stats.js';

// In the words of ICE, which is what people find when they look for help.
const TYPES = {
  host: 'own address (host)',
  srflx: 'behind a NAT (srflx)',
  prflx: 'behind a NAT (prflx)',
  relay: 'through a relay (relay)',
};

function showEnd(name, type, address) {
  element(`${name}-type`).textContent = type === undefined ? '–' : (TYPES[type] ?? type);
  element(`${name}-address`).textContent = address ?? '';
}

function formatRoundTrip(ms) {
  if (ms === undefined) return '';
  return ms < 1 ? '< 1 ms' : `${Math.round(ms)} ms`;
}

const formatFrameRate = (rate) => (rate === undefined ? '–' : `${Math.round(rate)} fps`);

function describeServer({ url, state, reason, relayed, mapped, round_trip_time_ms: roundTrip }) {
  if (state === 'failed') return `${url}: ${reason ?? 'failed'}`;
  const found = relayed.length > 0 ? relayed : mapped;
  const time = formatRoundTrip(roundTrip ?? undefined);
  return `${url}: ${[reason ?? state, ...found, time].filter(Boolean).join(', ')}`;
}

function showList(name, texts) {
  element(`${name}-part`).hidden = texts.length === 0;
  const items = texts.map((text) => {
    const item = document.createElement('li');
    item.textContent = text;
    return item;
  });
  element(name).replaceChildren(...items);
}

export class Panel {
  open = false;

  #onToggle;
  #graph = new Graph([
    { name: 'bitrate', title: 'Bitrate', format: formatBitrate, least: 200_000 },
    { name: 'framesPerSecond', title: 'Frame rate', format: formatFrameRate, least: 10 },
    {
      name: 'roundTripMs',
      title: 'Round trip',
      format: (ms) => formatRoundTrip(ms) || '–',
      least: 20,
    },
  ]);
  #seenAs; // This device's address, as the camera sees it.

  constructor(onToggle) {
    this.#onToggle = onToggle;
    element('graph').append(this.#graph.element);
    element('path').addEventListener('click', () => this.toggle());
  }

  toggle() {
    this.open = !this.open;
    element('panel').hidden = !this.open;
    element('path').setAttribute('aria-expanded', String(this.open));
    if (this.open) this.#graph.draw(performance.now());
    this.#onToggle(this.open);
  }

  // What the browser knows: stats.js.
  showStats({ path, roundTripMs, bitrate, framesPerSecond }) {
    this.#graph.add(performance.now(), { bitrate, framesPerSecond, roundTripMs });
    element('path').textContent = describePath(path);
    // Browsers keep addresses of the local network to themselves.
    const hidden = path?.localAddress === undefined || /\.local:\d+$/.test(path.localAddress);
    showEnd('device', path?.localType, hidden ? this.#seenAs : path.localAddress);
    showEnd('camera', path?.remoteType, path?.remoteAddress);
    element('route-carrier').textContent = (
      path?.relayProtocol ??
      path?.protocol ??
      ''
    ).toUpperCase();
    element('route-round-trip').textContent = formatRoundTrip(roundTripMs);
  }

  // What the camera knows: /status, of this viewer.
  showStatus({ viewer_count: count, max_viewers: most, viewers, network }) {
    this.#seenAs = viewers[0]?.remote_address || undefined;
    element('watchers').hidden = count === 0;
    const watching = count === 1 ? 'One viewer watches' : `${count} viewers watch`;
    Object.assign(element('watchers'), { title: watching, ariaLabel: watching });
    element('watcher-count').textContent = String(count);
    element('watching').textContent =
      count === 1 ? 'You alone watch now.' : `${count} viewers watch now, of at most ${most}.`;
    showList('pairs', (viewers[0]?.pairs ?? []).map(describePair));
    showList('servers', (network?.servers ?? []).map(describeServer));
  }
}

// SPDX-License-Identifier: Apache-2.0
// The page: shows the session's picture, state and numbers, and steps back when nobody touches it.
// What steers the camera is in controls.js.

import { ControlClient } from './control.js';
import { element, takesText } from './dom.js';
import { recallToken, rememberToken, TokenForm } from './login.js';
import { Panel } from './panel.js';
import { Session } from './session.js';
import { formatBitrate, formatLatency, LatencyMeter } from './stats.js';

// How long the bar stays after the last touch.
const BAR_MS = 3500;

const HEADLINES = {
  connecting: 'Connecting',
  live: 'Live',
  restarting: 'Finding a new path',
  stalled: 'No picture',
  waiting: 'Waiting for the camera',
  locked: 'This camera wants a token',
};

const video = element('video');
const stage = document.querySelector('.stage');
const latencyMeter = new LatencyMeter();
let cameraName = 'Ocellus'; // Until it says another one.

// One stream for the life of the page: the last picture stays while the next track starts.
const stream = new MediaStream();

const session = new Session({
  endpoint: new URL('whep', document.baseURI),
  statusUrl: new URL('status', document.baseURI),
  token: recallToken(),
  onState: showState,
  onTrack: showTrack,
  onChannel: (channel) => control.use(channel),
  onStats: showStats,
  onStatus: (status) => panel.showStatus(status),
});

const control = new ControlClient({ onOpen: openControls, onClose: () => controls?.suspend() });
let controls; // Once they are loaded.

async function openControls() {
  let Controls;
  try {
    ({ Controls } = await import('./controls.js'));
  } catch {
    window.loadAgain?.(); // Lost on the way: start.js.
    return;
  }
  controls ??= new Controls({ session, control, onName: nameCamera, onToggle: showBar });
  controls.load();
}

let typedToken; // Kept once it has turned out to be right.
const unlock = new TokenForm(async (token) => {
  typedToken = token;
  session.useToken(token);
});
element('unlock').append(unlock.element);

const panel = new Panel((open) => {
  session.isLookedAt = open;
  showBar();
});

// For tests, and for the curious: the same numbers that the page shows.
window.ocellus = {
  video,
  get pc() {
    return session.pc;
  },
  get state() {
    return session.state;
  },
  get reason() {
    return session.reason;
  },
  get role() {
    return controls?.role;
  },
  // await ocellus.call('ptz.move', {zoom: 0.5})
  call: (method, params) => control.call(method, params),
  get status() {
    return session.status;
  },
  get stats() {
    const latency = latencyMeter.read(session.stats, performance.now());
    return (
      session.stats && {
        ...session.stats,
        latencyMs: latency?.ms,
        latencyMeasured: latency?.measured,
      }
    );
  },
};

function showState(state, reason) {
  document.body.dataset.state = state;
  showTitle();
  element('state').textContent = HEADLINES[state];
  element('headline').textContent = HEADLINES[state];
  element('reason').textContent = reason;
  element('unlock').hidden = state !== 'locked';
  if (state === 'locked') unlock.focus();
  if (state === 'live' && typedToken !== undefined) {
    rememberToken(typedToken);
    typedToken = undefined;
  }
  showBar();
}

// Whoever has several cameras open finds this one.
function nameCamera(name) {
  cameraName = name;
  showTitle();
}

function showTitle() {
  const { state } = session;
  document.title = state === 'live' ? cameraName : `${HEADLINES[state]} – ${cameraName}`;
}

function showTrack(track) {
  for (const old of stream.getTracks()) {
    if (old.kind === track.kind) stream.removeTrack(old);
  }
  stream.addTrack(track);
  // Not earlier: while a video waits for its first picture, the page counts as loading.
  if (video.srcObject !== stream) video.srcObject = stream;
  play();
}

async function play() {
  try {
    await video.play();
    delete document.body.dataset.blocked;
    element('play').hidden = true;
  } catch (error) {
    // Phones that save power want to be asked first. (Interrupted by a new track is no refusal.)
    if (error.name !== 'NotAllowedError') return;
    document.body.dataset.blocked = '';
    element('play').hidden = false;
  }
}

function showStats(stats) {
  const latency = latencyMeter.read(stats, performance.now());
  element('resolution').textContent = stats.width ? `${stats.width} × ${stats.height}` : '–';
  element('frame-rate').textContent =
    stats.framesPerSecond === undefined ? '–' : `${Math.round(stats.framesPerSecond)} fps`;
  element('bitrate').textContent = formatBitrate(stats.bitrate);
  element('latency').textContent = formatLatency(latency);
  element('latency-fact').title = latency?.measured
    ? 'Measured from the camera’s capture to this screen'
    : 'Estimated: half a round trip, buffering and decoding';
  panel.showStats(stats);
}

function watchFrame(now, metadata) {
  latencyMeter.addFrame(metadata, now);
  session.frameShown();
  video.requestVideoFrameCallback(watchFrame);
}

let barTimer;

function showBar() {
  stage.classList.remove('idle');
  clearTimeout(barTimer);
  // While something is wrong, or somebody reads, it stays.
  barTimer = setTimeout(() => {
    const isRead = panel.open || controls?.isOpen;
    stage.classList.toggle('idle', session.state === 'live' && !isRead);
  }, BAR_MS);
}

// iPhones can show only the video itself full screen.
const canFullscreen = document.fullscreenEnabled || video.webkitEnterFullscreen !== undefined;

function toggleFullscreen() {
  if (!canFullscreen) return;
  if (document.fullscreenElement) document.exitFullscreen();
  else if (document.fullscreenEnabled) document.documentElement.requestFullscreen();
  else video.webkitEnterFullscreen();
}

element('fullscreen').hidden = !canFullscreen;
element('fullscreen').addEventListener('click', toggleFullscreen);
element('play').addEventListener('click', play);
stage.addEventListener('dblclick', (event) => {
  if (event.target === video) toggleFullscreen();
});
document.addEventListener('keydown', (event) => {
  showBar();
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.key === 'Escape' && !document.querySelector('dialog[open]')) {
    if (panel.open) panel.toggle();
    else if (controls?.isOpen) controls.toggle();
  }
  if (takesText(event.target)) return;
  if (event.key === 'f') toggleFullscreen();
  if (event.key === 'i') panel.toggle();
  if (event.key === 'c') controls?.toggle();
  if (event.key === 's') controls?.takeSnapshot();
});
for (const type of ['pointermove', 'pointerdown', 'focusin'])
  document.addEventListener(type, showBar);

// Somebody has put another token behind the address.
window.addEventListener('hashchange', () => session.useToken(recallToken()));
window.addEventListener('online', () => session.hurry());
// From Wi-Fi to mobile data, say. Browsers that tell estimates of the rate this way tell them all
// the time; the kind of network counts. (Desktops do not tell it: there the path's loss does.)
const { connection } = navigator;
let networkType = connection?.type;
connection?.addEventListener?.('change', () => {
  if (connection.type === networkType) return;
  networkType = connection.type;
  if (networkType !== 'none') session.hurry();
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && session.state === 'waiting') session.hurry();
});
window.addEventListener('pagehide', () => session.stop());
window.addEventListener('pageshow', (event) => {
  // Back from the browser's cache: the session has been ended.
  if (event.persisted) location.reload();
});

if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(watchFrame);
showBar();
session.start();

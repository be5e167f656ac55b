// SPDX-License-Identifier: Apache-2.0
// Numbers about the picture, from the browser's statistics. Pure: time and reports are passed in.

import { pathOf } from './path.js';

const mean = (sum, count) => (count > 0 ? sum / count : undefined);

// The median, which one late frame does not move.
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

// Rates are taken over that long: of the four reports a second, each sees seven or eight frames and
// one keyframe or none.
const RATE_WINDOW_MS = 2000;

// Turns successive reports of RTCPeerConnection.getStats() into rates and means.
export class StatsMeter {
  #last;
  #window = []; // What was counted when, the oldest first; at most RATE_WINDOW_MS back.

  // `report` is anything with values(); `now` in milliseconds. Undefined as long as there is no
  // video. Rates are undefined in the first report.
  update(report, now) {
    let video;
    let pair;
    const byId = new Map();
    for (const entry of report.values()) {
      byId.set(entry.id, entry);
      if (entry.type === 'inbound-rtp' && entry.kind === 'video') video = entry;
    }
    for (const entry of byId.values()) {
      // Firefox has no transport reports, but says which pair is selected.
      if (entry.type === 'transport' && entry.selectedCandidatePairId)
        pair = byId.get(entry.selectedCandidatePairId);
      if (entry.type === 'candidate-pair' && entry.selected) pair ??= entry;
    }
    if (video === undefined) return undefined;

    const last = this.#last;
    this.#last = video;
    const since = (name) => (last === undefined ? 0 : (video[name] ?? 0) - (last[name] ?? 0));
    const frames = since('framesDecoded');
    const processing = mean(since('totalProcessingDelay'), frames);
    const buffering = mean(since('jitterBufferDelay'), since('jitterBufferEmittedCount'));
    const decoding = mean(since('totalDecodeTime'), frames);
    const toMs = (value) => (value === undefined ? undefined : value * 1000);
    return {
      width: video.frameWidth,
      height: video.frameHeight,
      ...this.#rates(video, now),
      roundTripMs: toMs(pair?.currentRoundTripTime),
      path: pathOf(pair, byId),
      bufferMs: toMs(buffering),
      decodeMs: toMs(decoding),
      // From a frame's first packet until it is decoded; not every browser has it.
      processingMs: video.totalProcessingDelay === undefined ? undefined : toMs(processing),
      framesDecoded: video.framesDecoded ?? 0,
      framesDropped: video.framesDropped ?? 0,
      packetsReceived: video.packetsReceived ?? 0,
      packetsLost: video.packetsLost ?? 0,
      nacks: video.nackCount ?? 0,
      keyframeRequests: video.pliCount ?? 0,
    };
  }

  #rates({ framesDecoded = 0, bytesReceived = 0 }, now) {
    while (this.#window.length > 0 && now - this.#window[0].now > RATE_WINDOW_MS)
      this.#window.shift();
    const oldest = this.#window[0];
    this.#window.push({ now, framesDecoded, bytesReceived });
    if (oldest === undefined || oldest.now === now) return {};
    const seconds = (now - oldest.now) / 1000;
    return {
      framesPerSecond: (framesDecoded - oldest.framesDecoded) / seconds,
      bitrate: ((bytesReceived - oldest.bytesReceived) * 8) / seconds,
    };
  }
}

// From the camera's capture to the screen.
export class LatencyMeter {
  static #kept = 30; // Frames: a second.
  #samples = [];
  #lastFrame = -Infinity;

  // What requestVideoFrameCallback says of a frame. `captureTime` is there when the camera sends
  // abs-capture-time, or when its RTCP sender reports let the browser tie the clocks together.
  addFrame({ captureTime, expectedDisplayTime }, now) {
    if (captureTime === undefined || expectedDisplayTime === undefined) return;
    const latency = expectedDisplayTime - captureTime;
    // Until the clocks are tied together the numbers are wild.
    if (!(latency > 0 && latency < 10_000)) return;
    this.#samples.push(latency);
    if (this.#samples.length > LatencyMeter.#kept) this.#samples.shift();
    this.#lastFrame = now;
  }

  // {ms, measured}: measured from capture to display; else estimated as half a round trip, the time
  // in the browser's buffer and the decoder's. Undefined when not even that is known.
  read(stats, now) {
    if (this.#samples.length > 0 && now - this.#lastFrame < 2000) {
      return { ms: median(this.#samples), measured: true };
    }
    const here =
      stats?.processingMs ??
      (stats?.bufferMs === undefined ? undefined : stats.bufferMs + (stats.decodeMs ?? 0));
    if (here === undefined || stats.roundTripMs === undefined) return undefined;
    return { ms: stats.roundTripMs / 2 + here, measured: false };
  }
}

export function formatBitrate(bitsPerSecond) {
  if (bitsPerSecond === undefined) return '–';
  if (bitsPerSecond < 999_500) return `${Math.round(bitsPerSecond / 1000)} kbit/s`;
  return `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`;
}

// An estimate has a sign in front of it that says so.
export function formatLatency(latency) {
  if (latency === undefined) return '–';
  return `${latency.measured ? '' : '≈ '}${Math.round(latency.ms)} ms`;
}

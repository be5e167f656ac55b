// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { formatBitrate, formatLatency, LatencyMeter, StatsMeter } from '../../web/stats.js';

const report = (...entries) =>
  new Map(entries.map((entry, index) => [index, { id: String(index), ...entry }]));

const video = (values) => ({
  type: 'inbound-rtp',
  kind: 'video',
  frameWidth: 1280,
  frameHeight: 720,
  ...values,
});

test('turns two reports into rates and means', () => {
  const meter = new StatsMeter();
  const first = meter.update(report(video({ framesDecoded: 10, bytesReceived: 1000 })), 0);
  assert.equal(first.framesPerSecond, undefined);
  assert.equal(first.width, 1280);
  const second = meter.update(
    report(
      video({
        framesDecoded: 25,
        bytesReceived: 126_000,
        jitterBufferDelay: 0.3,
        jitterBufferEmittedCount: 15,
        totalDecodeTime: 0.03,
        packetsLost: 2,
        nackCount: 3,
        pliCount: 1,
      }),
      { type: 'transport', selectedCandidatePairId: '2' },
      {
        type: 'candidate-pair',
        currentRoundTripTime: 0.05,
        localCandidateId: '3',
        remoteCandidateId: '4',
      },
      { type: 'local-candidate', candidateType: 'host', protocol: 'tcp' },
      { type: 'remote-candidate', candidateType: 'relay', protocol: 'tcp' },
    ),
    500,
  );
  assert.equal(second.framesPerSecond, 30);
  assert.equal(second.bitrate, 2_000_000);
  assert.equal(Math.round(second.bufferMs), 20);
  assert.equal(Math.round(second.decodeMs), 2);
  assert.equal(second.roundTripMs, 50);
  assert.equal(second.path.localType, 'host');
  assert.equal(second.path.remoteType, 'relay');
  assert.equal(first.path, undefined);
  assert.equal(second.packetsLost, 2);
  assert.equal(second.nacks, 3);
  assert.equal(second.keyframeRequests, 1);
});

test('takes rates over two seconds, so that one keyframe does not show', () => {
  const meter = new StatsMeter();
  let bytesReceived = 0;
  const rates = [];
  for (let i = 0; i < 40; i++) {
    const keyframe = i % 8 === 0;
    bytesReceived += keyframe ? 120_000 : 50_000;
    const stats = meter.update(report(video({ bytesReceived, framesDecoded: i * 7 })), i * 250);
    if (i >= 8) rates.push(stats.bitrate);
    if (i >= 8) assert.equal(stats.framesPerSecond, 28);
  }
  assert.ok(Math.max(...rates) - Math.min(...rates) < 1, `${rates}`);
  assert.ok(Math.abs(rates[0] - ((120_000 + 7 * 50_000) * 8) / 2) < 1);
});

test('forgets what is older than that at once, also after a pause', () => {
  const meter = new StatsMeter();
  meter.update(report(video({ bytesReceived: 0 })), 0);
  meter.update(report(video({ bytesReceived: 9_000_000 })), 250);
  const late = meter.update(report(video({ bytesReceived: 9_000_000 })), 60_000);
  assert.equal(late.bitrate, undefined);
  assert.equal(meter.update(report(video({ bytesReceived: 9_025_000 })), 61_000).bitrate, 200_000);
});

test('has nothing to say without video', () => {
  assert.equal(
    new StatsMeter().update(report({ type: 'inbound-rtp', kind: 'audio' }), 0),
    undefined,
  );
});

test('finds the selected pair where there are no transport reports', () => {
  const stats = new StatsMeter().update(
    report(
      video({}),
      { type: 'candidate-pair', currentRoundTripTime: 9 },
      { type: 'candidate-pair', selected: true, currentRoundTripTime: 0.01 },
    ),
    0,
  );
  assert.equal(stats.roundTripMs, 10);
});

test('measures latency where frames say when they were captured', () => {
  const meter = new LatencyMeter();
  meter.addFrame({ captureTime: 1000, expectedDisplayTime: 1040 }, 1040);
  meter.addFrame({ captureTime: 1033, expectedDisplayTime: 1533 }, 1533);
  meter.addFrame({ captureTime: 1066, expectedDisplayTime: 1108 }, 1534);
  // The clocks are not tied together yet.
  meter.addFrame({ captureTime: -1e12, expectedDisplayTime: 1108 }, 1535);
  meter.addFrame({ expectedDisplayTime: 1108 }, 1536);
  assert.deepEqual(meter.read(undefined, 1600), { ms: 42, measured: true });
  assert.equal(meter.read(undefined, 9000), undefined);
});

test('estimates latency otherwise, and says so', () => {
  const meter = new LatencyMeter();
  assert.deepEqual(meter.read({ roundTripMs: 20, processingMs: 12 }, 0), {
    ms: 22,
    measured: false,
  });
  assert.deepEqual(meter.read({ roundTripMs: 20, bufferMs: 10, decodeMs: 3 }, 0), {
    ms: 23,
    measured: false,
  });
  assert.equal(meter.read({ roundTripMs: 20 }, 0), undefined);
  assert.equal(meter.read({ processingMs: 20 }, 0), undefined);
});

test('writes numbers for people', () => {
  assert.equal(formatBitrate(undefined), '–');
  assert.equal(formatBitrate(0), '0 kbit/s');
  assert.equal(formatBitrate(999_499), '999 kbit/s');
  assert.equal(formatBitrate(999_500), '1.0 Mbit/s');
  assert.equal(formatBitrate(2_140_000), '2.1 Mbit/s');
  assert.equal(formatLatency(undefined), '–');
  assert.equal(formatLatency({ ms: 12.4, measured: true }), '12 ms');
  assert.equal(formatLatency({ ms: 12.4, measured: false }), '≈ 12 ms');
});

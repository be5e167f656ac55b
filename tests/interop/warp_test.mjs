// SPDX-License-Identifier: Apache-2.0
// A real Chromium whose handshake travels in STUN (WebRTC-IceHandshakeDtls, off by default): it saves a
// round trip, and a camera that does not do it is no worse off.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { countGaps, launchChromium, openViewer, percentile, probe } from './browsers.mjs';
import { DelayedCall } from './delayed_call.mjs';
import { Ocellus } from './ocellus.mjs';

const ROUND_TRIP = 200;
// For the camera's next keyframe, and to decode and draw it on a machine that also runs the camera.
const SHOWING = 140;

let ocellus;
let browser;
let plainBrowser;
before(async () => {
  ocellus = await Ocellus.start(['--log-level', 'info']);
  const flags = ['--disable-features=WebRtcHideLocalIpsWithMdns'];
  browser = await launchChromium(
    [...flags, '--force-fieldtrials=WebRTC-IceHandshakeDtls/Enabled/']);
  plainBrowser = await launchChromium(flags);
});
after(async () => {
  await browser?.close();
  await plainBrowser?.close();
  await ocellus?.stop();
});

// How many datagrams of the handshakes since `mark` in the log STUN has brought and taken.
function carriedSince(mark) {
  const lines = ocellus.log.slice(mark).matchAll(/STUN brought (\d+) datagrams and took (\d+)/g);
  return [...lines].map(([, brought, took]) => ({ brought: Number(brought), took: Number(took) }));
}

async function assertStreams(page) {
  const pictures = await page.evaluate(() => window.probe.watchDecoded(1_000));
  assert.ok(pictures.length >= 25, `${pictures.length} pictures in 1 s`);
  assert.deepEqual(countGaps(pictures), { missing: 0, unreadable: 0 });
}

// The first shown pictures of some calls over a long way: the time from the answer, sorted.
async function watchFarAway(viewer, calls, changeOffer) {
  const times = [];
  for (let i = 0; i < calls; i++) {
    const page = await viewer.newPage();
    const call = await DelayedCall.start(page, ROUND_TRIP, changeOffer);
    await page.evaluateOnNewDocument(probe);
    await page.goto(ocellus.url);
    times.push(await page.evaluate(() => window.probe.firstPicture(10_000)));
    await assertStreams(page);
    await page.close();
    call.stop();
  }
  console.log(`first shown picture, ${ROUND_TRIP} ms round trip: `
    + times.map((time) => `${time.toFixed(0)} ms`).join(', '));
  return times;
}

// Every description of the offer has the options, in any order.
const withoutOption = (offer) => offer.replace(/^(a=ice-options:)(.*)$/gm, (_, name, options) =>
  name + options.split(' ').filter((option) => !/^(goog)?sped/.test(option)).join(' '));

test('the handshake goes through STUN and the picture is shown', async () => {
  const mark = ocellus.log.length;
  const { page } = await openViewer(browser, ocellus.url);
  await assertStreams(page);
  // What comes by itself may be here before the next check.
  assert.ok(carriedSince(mark)[0]?.took >= 1, ocellus.log.slice(mark));
  await page.close();
});

test('without the field trial nothing of it is seen', async () => {
  const mark = ocellus.log.length;
  const { page } = await openViewer(plainBrowser, ocellus.url);
  await assertStreams(page);
  assert.deepEqual(carriedSince(mark), []);
  await page.close();
});

test('far away, the first picture comes within 2.3 round trips of the answer', async () => {
  const mark = ocellus.log.length;
  const times = await watchFarAway(browser, 5);
  const carried = carriedSince(mark);
  assert.equal(carried.length, 5);
  assert.ok(carried.every(({ brought, took }) => brought >= 1 && took >= 2));
  assert.ok(percentile(times, 0.5) <= 2.3 * ROUND_TRIP);
});

// Chromium itself then takes two round trips longer than without the field trial.
test('far away, a camera that does not answer the option breaks nothing', async () => {
  const mark = ocellus.log.length;
  await watchFarAway(browser, 3, withoutOption);
  assert.deepEqual(carriedSince(mark), []);
});

test('far away, without the field trial it takes a round trip more', async () => {
  const times = await watchFarAway(plainBrowser, 3);
  assert.ok(percentile(times, 0.5) <= 3 * ROUND_TRIP + SHOWING);
});

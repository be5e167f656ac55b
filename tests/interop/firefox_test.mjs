// SPDX-License-Identifier: Apache-2.0
// A real Firefox watches the camera's own page.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';

import { countGaps, launchFirefox, openViewer, percentile } from './browsers.mjs';
import { Ocellus } from './ocellus.mjs';

let ocellus;
let browser;
before(async () => {
  ocellus = await Ocellus.start();
  browser = await launchFirefox();
});
after(async () => {
  await browser?.close();
  await ocellus?.stop();
});

afterEach(async () => {
  for (const page of await browser.pages()) await page.close();
});

function inboundVideo(page) {
  return page.evaluate(async () => {
    const report = await window.ocellus.pc.getStats();
    const { packetsLost, framesDecoded } =
      [...report.values()].find((entry) => entry.type === 'inbound-rtp');
    return { packetsLost, framesDecoded };
  });
}

test('frame numbers read from the pixels run on for 10 s', async () => {
  const { page, firstPicture } = await openViewer(browser, ocellus.url);
  console.log(`answer to first shown frame: ${firstPicture.toFixed(1)} ms`);
  const pictures = await page.evaluate(() => window.probe.watchShown(10_000));
  const latencies = pictures.map((picture) => picture.latency);
  console.log(`shown: ${pictures.length} pictures, glass to glass p50 `
    + `${percentile(latencies, 0.5)} ms, p95 ${percentile(latencies, 0.95)} ms`);
  assert.ok(pictures.length >= 250, `${pictures.length} pictures in 10 s`);
  const { missing, unreadable } = countGaps(pictures);
  assert.equal(unreadable, 0);
  // Firefox has no way to read pictures that were decoded but not shown, and its compositor may skip
  // one on a busy machine; what came over the network is complete.
  assert.ok(missing <= 6, `${missing} pictures were not shown`);
  const stats = await inboundVideo(page);
  assert.equal(stats.packetsLost, 0);
  assert.ok(stats.framesDecoded >= 290, `${stats.framesDecoded} pictures decoded`);
});

test('two viewers, and a reload', async () => {
  const first = await openViewer(browser, ocellus.url);
  const second = await openViewer(browser, ocellus.url);
  await first.page.bringToFront();
  await first.page.reload();
  await first.page.evaluate(() => window.probe.firstPicture(10_000));
  // Firefox shows only the page in front; the other one decodes on.
  const before = await inboundVideo(second.page);
  const pictures = await first.page.evaluate(() => window.probe.watchShown(2_000));
  assert.ok(pictures.length >= 45, `${pictures.length} pictures in 2 s`);
  assert.equal(countGaps(pictures).unreadable, 0);
  const after = await inboundVideo(second.page);
  const decoded = after.framesDecoded - before.framesDecoded;
  assert.ok(decoded >= 45, `${decoded} pictures decoded in the background in 2 s`);
  assert.equal(after.packetsLost, 0);
});

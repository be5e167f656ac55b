// SPDX-License-Identifier: Apache-2.0
// A real Chromium watches the camera's own page. Pictures count by their pixels, not by statistics.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, afterEach, before, test } from 'node:test';

import { countGaps, launchChromium, openViewer, percentile, probe } from './browsers.mjs';
import { Ocellus } from './ocellus.mjs';

let ocellus;
let browser;
before(async () => {
  ocellus = await Ocellus.start();
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  await ocellus?.stop();
});

afterEach(async () => {
  for (const page of await browser.pages()) await page.close();
});

function report(what, pictures) {
  const latencies = pictures.map((picture) => picture.latency);
  console.log(`${what}: ${pictures.length} pictures, glass to glass p50 `
    + `${percentile(latencies, 0.5)} ms, p95 ${percentile(latencies, 0.95)} ms`);
}

test('frame numbers read from the pixels run on without a gap for 10 s', async () => {
  const { page, firstPicture } = await openViewer(browser, ocellus.url);
  console.log(`answer to first shown frame: ${firstPicture.toFixed(1)} ms`);
  const decoded = await page.evaluate(() => window.probe.watchDecoded(10_000));
  report('decoded', decoded);
  assert.ok(decoded.length >= 290, `${decoded.length} pictures in 10 s`);
  assert.deepEqual(countGaps(decoded), { missing: 0, unreadable: 0 });
  report('shown', await page.evaluate(() => window.probe.watchShown(5_000)));
});

test('two viewers watch at once', async () => {
  const first = await openViewer(browser, ocellus.url);
  const second = await openViewer(browser, ocellus.url);
  const watched = await Promise.all([first.page, second.page].map(
    (page) => page.evaluate(() => window.probe.watchDecoded(3_000))));
  for (const pictures of watched) {
    assert.ok(pictures.length >= 80, `${pictures.length} pictures in 3 s`);
    assert.deepEqual(countGaps(pictures), { missing: 0, unreadable: 0 });
  }
  const { viewers } = await ocellus.status();
  assert.equal(viewers.filter((viewer) => viewer.state === 'connected').length, 2);
});

test('a reload brings the picture back and frees the old place', async () => {
  const { page } = await openViewer(browser, ocellus.url);
  await page.reload();
  await page.evaluate(() => window.probe.firstPicture(10_000));
  const pictures = await page.evaluate(() => window.probe.watchDecoded(1_000));
  assert.ok(pictures.length >= 25, `${pictures.length} pictures in 1 s`);
  assert.equal((await ocellus.status()).viewers.length, 1);
});

test('the page reconnects by itself when the camera restarts', async () => {
  const camera = await Ocellus.start(['--http-port', '18080', '--udp-port', '18555']);
  const { page } = await openViewer(browser, camera.url);
  await camera.stop();
  await page.evaluate(() => { window.probe.answeredAt = null; window.probe.shownAt = null; });
  const again = await Ocellus.start(['--http-port', '18080', '--udp-port', '18555']);
  await page.evaluate(() => window.probe.firstPicture(15_000));
  assert.equal(await again.stop(), 0);
});

test('one viewer too many is told why, and the others watch on', async () => {
  const camera = await Ocellus.start(
    ['--http-port', '18080', '--udp-port', '18555', '--max-viewers', '1']);
  const { page } = await openViewer(browser, camera.url);
  const refused = await browser.newPage();
  await refused.goto(camera.url);
  await refused.waitForFunction(() => /place|full|busy/i.test(document.body.innerText),
    { timeout: 5_000 });
  const pictures = await page.evaluate(() => window.probe.watchDecoded(1_000));
  assert.deepEqual(countGaps(pictures), { missing: 0, unreadable: 0 });
  await camera.stop();
});

test('an offer without video gets a counter-offer, which the viewer completes', async () => {
  const page = await browser.newPage();
  await page.goto(`${ocellus.url}/status`);  // Any page of this origin.
  const result = await page.evaluate(async () => {
    const audioOnly = new RTCPeerConnection();
    audioOnly.addTransceiver('audio', { direction: 'recvonly' });
    await audioOnly.setLocalDescription();
    const refused = await fetch('/whep', {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: audioOnly.localDescription.sdp,
    });

    const pc = new RTCPeerConnection();
    const video = document.createElement('video');
    video.muted = true;
    pc.ontrack = ({ track }) => { video.srcObject = new MediaStream([track]); video.play(); };
    await pc.setRemoteDescription({ type: 'offer', sdp: await refused.text() });
    await pc.setLocalDescription();
    while (pc.iceGatheringState !== 'complete') {
      await new Promise((resolve) => { setTimeout(resolve, 10); });
    }
    const accepted = await fetch(refused.headers.get('Location'), {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/sdp' },
      body: pc.localDescription.sdp,
    });
    await new Promise((resolve) => { video.requestVideoFrameCallback(resolve); });
    return { refused: refused.status, accepted: accepted.status, width: video.videoWidth };
  });
  assert.deepEqual(result, { refused: 406, accepted: 204, width: 640 });
});

// Checklist 63.
test('the page shows how the picture comes and how many watch', async () => {
  const camera = await Ocellus.start(['--http-port', '18080', '--udp-port', '18555']);
  await openViewer(browser, camera.url);
  const { page } = await openViewer(browser, camera.url);
  await page.bringToFront();
  await page.waitForFunction(() => document.getElementById('watcher-count').textContent === '2');
  assert.equal(await page.$eval('#watchers', (watchers) => watchers.ariaLabel), '2 viewers watch');
  await page.waitForFunction(() => document.getElementById('path').textContent === 'Direct');
  await page.keyboard.press('i');
  await page.waitForFunction(() => /2 viewers watch now/.test(document.body.innerText));
  const panel = await page.evaluate(() => document.getElementById('panel').innerText);
  assert.match(panel, /own address \(host\)/);
  assert.match(panel, /UDP/);
  await camera.stop();
});

test('a change of the network restarts ICE and keeps the session', async () => {
  const { page } = await openViewer(browser, ocellus.url);
  const sessions = async () => (await ocellus.status()).viewers.map(({ id }) => id);
  const before = await sessions();
  const ufrag = () => page.evaluate(
    () => /ice-ufrag:(\S+)/.exec(window.ocellus.pc.remoteDescription.sdp)[1]);
  const old = await ufrag();
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await page.waitForFunction(
    (last) => !window.ocellus.pc.remoteDescription.sdp.includes(`ice-ufrag:${last}`), {}, old);
  await page.waitForFunction(() => window.ocellus.state === 'live');
  const pictures = await page.evaluate(() => window.probe.watchDecoded(1_000));
  assert.ok(pictures.length >= 25, `${pictures.length} pictures in 1 s`);
  assert.deepEqual(await sessions(), before);
});

test('the page says what it tried when nothing connects, and goes on trying', async () => {
  const camera = await Ocellus.start(['--http-port', '18080', '--udp-port', '18555']);
  const drop = (action) => {
    for (const program of ['iptables', 'ip6tables']) {
      for (const protocol of ['udp', 'tcp']) {
        execFileSync(program, [action, 'INPUT', '-p', protocol, '--dport', '18555', '-j', 'DROP']);
      }
    }
  };
  drop('-A');
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(probe);
  await page.goto(camera.url);
  await page.waitForFunction(() => /Tried direct addresses here with direct ones of the camera/
    .test(document.body.innerText), { timeout: 15_000 });
  drop('-D');
  await page.evaluate(() => window.probe.firstPicture(15_000));
  await camera.stop();
});

test('the page looks as it should', async () => {
  const { page } = await openViewer(browser, ocellus.url);
  await new Promise((resolve) => { setTimeout(resolve, 2_500); });
  const directory = process.env.INTEROP_SCREENSHOTS;
  const screenshot = (name) => page.screenshot(directory ? { path: `${directory}/${name}.png` } : {});
  assert.ok((await screenshot('viewer')).length > 10_000);
  await page.keyboard.press('i');
  await new Promise((resolve) => { setTimeout(resolve, 2_500); });
  assert.ok((await screenshot('viewer-connection')).length > 10_000);
  await page.setViewport({ width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  // Becoming a phone reloads the page.
  await page.evaluate(() => window.probe.firstPicture(10_000));
  await new Promise((resolve) => { setTimeout(resolve, 2_500); });
  assert.ok((await screenshot('viewer-phone')).length > 10_000);
});

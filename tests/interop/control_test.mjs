// SPDX-License-Identifier: Apache-2.0
// A real Chromium steers the real camera through its own page: clicks and keys go in, and what counts
// is what comes out of the picture's pixels, the files and the settings.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';

import { countGaps, launchChromium, launchFirefox, percentile, probe } from './browsers.mjs';
import { Ocellus } from './ocellus.mjs';

const tokens = { viewer: 'viewer-token', operator: 'operator-token', admin: 'admin-token' };

let ocellus;
let browser;
let page;
before(async () => {
  ocellus = await Ocellus.startBy(spawn, ['--loopback-candidates'], {
    OCELLUS_VIEWER_TOKEN: tokens.viewer,
    OCELLUS_OPERATOR_TOKEN: tokens.operator,
    OCELLUS_ADMIN_TOKEN: tokens.admin,
  });
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  await ocellus?.stop();
});
afterEach(async () => {
  await page?.evaluate(() => window.ocellus.call('image.reset').catch(() => {})).catch(() => {});
  await page?.evaluate(() => window.ocellus.call('ptz.home').catch(() => {})).catch(() => {});
  for (const one of await browser.pages()) await one.close();
});

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// Resolves once the page is live and the camera has said who we are.
async function open(role, where = browser) {
  page = await where.newPage();
  page.setDefaultTimeout(10_000);
  await page.setViewport({ width: 1440, height: 900 });
  await page.evaluateOnNewDocument(probe);
  await page.goto(`${ocellus.url}/#token=${tokens[role] ?? role}`);
  if (tokens[role] === undefined) return;
  await page.evaluate(() => window.probe.firstPicture(10_000));
  await page.waitForFunction((one) => window.ocellus.role === one, {}, role);
}

const call = (method, params) => page.evaluate(
  (...what) => window.ocellus.call(...what), method, params);

async function openTab(name) {
  if (await page.$eval('#drawer', (drawer) => drawer.hidden)) await page.keyboard.press('c');
  await page.click(`#tab-${name}`);
  // Nothing is where it will be while the drawer slides in.
  await page.$eval('#drawer', (drawer) =>
    Promise.allSettled(drawer.getAnimations().map(({ finished }) => finished)));
}

// What the page shows now, of 32 by 24 points: {luma, points}, each from 0 to 255. The points are
// those of the colour bars; above them are the clock and the cells, which are never the same.
const look = () => page.evaluate(() => {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 32, height: 24 });
  const context = canvas.getContext('2d');
  context.drawImage(window.ocellus.video, 0, 0, 32, 24);
  const { data } = context.getImageData(0, 0, 32, 24);
  const points = [];
  for (let at = 0; at < data.length; at += 4)
    points.push(0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]);
  return { luma: points.reduce((sum, point) => sum + point, 0) / points.length, points: points.slice(32 * 10) };
});

// The mean difference of two looks, point by point.
const difference = (a, b) =>
  a.points.reduce((sum, point, at) => sum + Math.abs(point - b.points[at]), 0) / a.points.length;

// Resolves once the picture is as `isRight(look)` says.
async function waitForPicture(isRight, what) {
  const deadline = Date.now() + 5000;
  let seen;
  do {
    seen = await look();
    if (isRight(seen)) return seen;
    await pause(50);
  } while (Date.now() < deadline);
  assert.fail(`${what}: luma is ${seen.luma}`);
}

test('a slider makes the picture brighter, and the picture does not stop meanwhile', async () => {
  await open('operator');
  await openTab('picture');
  const before = await look();
  const slider = await page.waitForSelector(
    '::-p-xpath(//label[text()="Brightness"]/following-sibling::input)');
  const { x, y, width, height } = await slider.boundingBox();
  const watched = page.evaluate(() => window.probe.watchDecoded(2000));
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + 0.65 * width, y + height / 2, { steps: 30 });
  await page.mouse.up();
  await waitForPicture(({ luma }) => luma > before.luma + 20, 'brighter');
  const pictures = await watched;
  assert.ok(pictures.length >= 55, `${pictures.length} pictures in 2 s`);
  const { controls } = await call('image.list');
  const { value } = controls.find(({ name }) => name === 'brightness');
  assert.ok(value > 20 && value < 40, `brightness ${value}`);

  await (await page.waitForSelector('::-p-text(Reset the picture)')).click();
  await waitForPicture(({ luma }) => Math.abs(luma - before.luma) < 4, 'as before');
});

test('what one viewer sets, the other one’s slider shows', async () => {
  await open('operator');
  await openTab('picture');
  const first = page;
  await open('admin');
  await call('image.set', { name: 'contrast', value: 60 });
  await first.waitForFunction(
    () => [...document.querySelectorAll('.slider')].some((field) => /^Contrast60/.test(field.textContent)),
    { polling: 100 });
});

test('keys and the wheel zoom in, arrows pan, and home shows all of it again', async () => {
  await open('operator');
  const whole = await look();
  await page.keyboard.down('+');
  await pause(600);
  await page.keyboard.up('+');
  const zoomed = await waitForPicture((seen) => difference(seen, whole) > 10, 'zoomed');
  const { zoom, kind } = await call('ptz.get');
  assert.equal(kind, 'digital');
  assert.ok(zoom > 0.1 && zoom < 1, `zoom ${zoom}`);

  await page.keyboard.down('ArrowRight');
  await pause(500);
  await page.keyboard.up('ArrowRight');
  await waitForPicture((seen) => difference(seen, zoomed) > 5, 'panned');
  await pause(300);
  const { pan, moving } = await call('ptz.get');
  assert.ok(pan > 0, `pan ${pan}`);
  assert.equal(moving, false);

  await page.mouse.move(500, 450);
  await page.mouse.wheel({ deltaY: -300 });
  await page.waitForFunction(async (old) => (await window.ocellus.call('ptz.get')).zoom > old, { polling: 100 }, zoom);

  await openTab('move');
  await page.click('.pad .home');
  await waitForPicture((seen) => difference(seen, whole) < 6, 'whole again');
});

test('a place is kept, and gone to', async () => {
  await open('operator');
  const whole = await look();
  await call('ptz.move', { pan: 0.5, tilt: 0.5, zoom: 0.6 });
  await waitForPicture((seen) => difference(seen, whole) > 10, 'on the way');
  await pause(500); // It glides.
  const there = await look();
  await openTab('move');
  await page.type('.save-preset input', 'Clock');
  await page.keyboard.press('Enter');
  const chip = await page.waitForSelector('::-p-xpath(//button[text()="Clock"])');
  await page.click('.pad .home');
  await waitForPicture((seen) => difference(seen, whole) < 6, 'home');
  await chip.click();
  await waitForPicture((seen) => difference(seen, there) < 6, 'there again');
});

test('the stream becomes smaller, slower and larger while it runs', async () => {
  await open('operator');
  await openTab('picture');
  const menu = (title) => page.waitForSelector(
    `::-p-xpath(//label[text()="${title}"]/following-sibling::select)`);
  await (await menu('Size')).select('320 × 240');
  await page.waitForFunction(() => window.ocellus.video.videoWidth === 320);
  await (await menu('Frame rate')).select('10 fps');
  await page.waitForFunction(() => Math.round(window.ocellus.stats.framesPerSecond) === 10);
  await (await menu('Frame rate')).select('30 fps');
  await (await menu('Size')).select('960 × 720');
  await page.waitForFunction(() => window.ocellus.video.videoWidth === 960);
  await (await menu('Size')).select('640 × 480');
  await page.waitForFunction(() => window.ocellus.video.videoWidth === 640);
});

test('a snapshot arrives as the JPEG that the camera has hashed', async () => {
  await open('viewer');
  await page.keyboard.press('s');
  await page.waitForSelector('.card.snapshot canvas', { visible: true });
  assert.match(await page.$eval('.card.snapshot', (card) => card.textContent), /640 × 480/);

  const taken = await page.evaluate(async () => {
    const file = await window.ocellus.call('snapshot.take');
    const { download } = await import('./files.js');
    const blob = await download(window.ocellus.pc, file);
    return { file, bytes: [...new Uint8Array(await blob.arrayBuffer())] };
  });
  const bytes = Buffer.from(taken.bytes);
  assert.deepEqual([...bytes.subarray(0, 3)], [0xff, 0xd8, 0xff]);
  assert.deepEqual([...bytes.subarray(-2)], [0xff, 0xd9]);
  assert.equal(bytes.length, taken.file.size);
  assert.equal(createHash('sha256').update(bytes).digest('hex'), taken.file.sha256);
});

test('a recording is downloaded with its progress shown, and firmware is sent', async () => {
  const recordings = path.join(ocellus.stateDirectory, 'files', 'recordings');
  await mkdir(recordings, { recursive: true });
  const recording = randomBytes(24 * 1024 * 1024);
  await writeFile(path.join(recordings, 'morning.mp4'), recording);
  await open('admin');
  await openTab('files');
  await page.evaluate(() => {
    // What is saved, without a folder to save it to; and what the bar has shown.
    window.shown = [];
    new MutationObserver(() => {
      const value = document.querySelector('.card progress')?.value;
      if (value) window.shown.push(value);
    }).observe(document.getElementById('cards'), { subtree: true, childList: true, attributes: true });
    const { createObjectURL } = URL;
    URL.createObjectURL = (blob) => {
      window.saved = blob;
      return createObjectURL.call(URL, blob);
    };
  });
  const watched = page.evaluate(() => window.probe.watchDecoded(2000));
  await (await page.waitForSelector('[aria-label="Save morning.mp4"]')).click();
  await page.waitForFunction(() => window.saved !== undefined, { timeout: 60_000 });
  assert.deepEqual(countGaps(await watched), { missing: 0, unreadable: 0 });
  const digest = await page.evaluate(async () => {
    const hash = await crypto.subtle.digest('SHA-256', await window.saved.arrayBuffer());
    return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  });
  assert.equal(digest, createHash('sha256').update(recording).digest('hex'));
  const shown = await page.evaluate(() => window.shown);
  assert.deepEqual(shown, [...shown].sort((a, b) => a - b));

  await openTab('system');
  const [chooser] = await Promise.all([
    page.waitForFileChooser(),
    (await page.waitForSelector('::-p-text(Send new firmware)')).click(),
  ]);
  const image = path.join(ocellus.stateDirectory, 'image.bin');
  await writeFile(image, recording.subarray(0, 3 * 1024 * 1024));
  await chooser.accept([image]);
  await page.waitForFunction(() => /has arrived whole/.test(document.body.innerText), { timeout: 30_000 });
  const there = await readFile(path.join(ocellus.stateDirectory, 'files', 'firmware', 'image.bin'));
  assert.ok(there.equals(recording.subarray(0, 3 * 1024 * 1024)));
});

test('who may do less sees less', async () => {
  const tabs = () => page.evaluate(() => [...document.querySelectorAll('[role=tab]')]
    .filter((tab) => !tab.hidden).map((tab) => tab.textContent));
  await open('viewer');
  assert.deepEqual(await tabs(), ['Files', 'System']);
  await assert.rejects(call('image.set', { name: 'brightness', value: 50 }), /operator/);
  await open('operator');
  assert.deepEqual(await tabs(), ['Move', 'Picture', 'Files', 'System']);
  await assert.rejects(call('settings.list'), /admin/);
  await open('admin');
  assert.deepEqual(await tabs(), ['Move', 'Picture', 'Files', 'Settings', 'System']);
});

test('logging in on the page gives more, and a reload keeps it', async () => {
  await open('viewer');
  await page.keyboard.press('c');
  await page.click('#log-in');
  await page.type('#login input', tokens.operator);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.ocellus.role === 'operator');
  await page.reload();
  await page.waitForFunction(() => window.ocellus.role === 'operator');
});

test('a wrong token is asked about, and the right one opens the picture', async () => {
  await open('a wrong one');
  const input = await page.waitForSelector('#unlock input', { visible: true });
  await page.waitForFunction(() => /token is wrong/.test(document.body.innerText));
  await input.type(tokens.viewer);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => window.ocellus.state === 'live');
});

test('a setting and the view are kept over a restart, which the page asks for and survives', async () => {
  await open('admin');
  await openTab('settings');
  const name = await page.waitForSelector('#setting-name');
  await name.click({ count: 3 });
  await page.keyboard.type('Gate');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => /Saved/.test(document.querySelector('#page-settings').innerText));
  await call('ptz.move', { zoom: 0.5 });
  await openTab('system');
  const restart = await page.waitForSelector('::-p-text(Restart the camera)');
  await restart.click();
  await restart.click();
  await page.waitForFunction(() => window.ocellus.state !== 'live');
  await page.waitForFunction(() => window.ocellus.state === 'live' && window.ocellus.role === 'admin', { timeout: 20_000 });
  const { setting } = await call('settings.get', { name: 'name' });
  assert.equal(setting.value, 'Gate');
  assert.equal(setting.origin, 'saved');
  await call('settings.reset', { name: 'name' });
  await page.waitForFunction(
    async () => (await window.ocellus.call('ptz.get')).zoom === 0.5, { polling: 100 });
});

test('a camera that hangs upside down is the right way up after a restart', async () => {
  await open('admin');
  const upright = await look();
  await openTab('picture');
  const rotate = await page.waitForSelector(
    '::-p-xpath(//label[text()="Rotate"]/following-sibling::select)');
  await rotate.select('Upside down');
  const turned = await waitForPicture((seen) => difference(seen, upright) > 10, 'turned');
  await call('stream.set', { bitrate_bps: 1_500_000 });
  await call('device.restart');
  await page.waitForFunction(() => window.ocellus.state !== 'live');
  await page.waitForFunction(() => window.ocellus.state === 'live' && window.ocellus.role === 'admin', { timeout: 20_000 });
  await waitForPicture((seen) => difference(seen, turned) < 6, 'still turned');
  assert.equal((await call('stream.get')).bitrate_bps, 1_500_000);
  assert.equal((await call('settings.get', { name: 'bitrate' })).setting.origin, 'saved');
  await call('settings.reset', { name: 'bitrate' });
  await call('image.reset');
  await waitForPicture((seen) => difference(seen, upright) < 6, 'as before');
});

test('on a phone a picture that stands upright leaves half of it to the controls', async () => {
  await open('operator');
  await page.setViewport({ width: 390, height: 844 });
  await openTab('picture');
  await call('image.set', { name: 'rotate', value: 90 });
  await page.waitForFunction(() => window.ocellus.video.videoHeight === 640);
  await pause(300); // The drawer slides in.
  const [picture, drawer] = await page.evaluate(() => ['video', '#drawer'].map(
    (one) => document.querySelector(one).getBoundingClientRect().toJSON()));
  assert.deepEqual([picture.top, picture.bottom, drawer.top, drawer.bottom], [0, 422, 422, 844]);
});

test('a call is answered within a moment while video is sent', async () => {
  await open('operator');
  const times = await page.evaluate(async () => {
    const taken = [];
    for (let i = 0; i < 200; i++) {
      const started = performance.now();
      await window.ocellus.call('ptz.get');
      taken.push(performance.now() - started);
      await new Promise((resolve) => { setTimeout(resolve, 12); });
    }
    return taken;
  });
  console.log(`a call takes p50 ${percentile(times, 0.5).toFixed(1)} ms, p95 ${percentile(times, 0.95).toFixed(1)} ms`);
  assert.ok(percentile(times, 0.95) < 30, `p95 ${percentile(times, 0.95)} ms`);
});

test('Firefox steers, and gets its files, too', async () => {
  const firefox = await launchFirefox();
  try {
    await open('admin', firefox);
    const before = await look();
    await openTab('picture');
    const slider = await page.waitForSelector(
      '::-p-xpath(//label[text()="Brightness"]/following-sibling::input)');
    await slider.focus();
    for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowRight');
    await waitForPicture(({ luma }) => luma > before.luma + 12, 'brighter');
    await page.keyboard.press('c');
    await page.keyboard.press('s');
    await page.waitForSelector('.card.snapshot canvas', { visible: true });
    assert.match(await page.$eval('.card.snapshot', (card) => card.textContent), /640 × 480/);
    await call('image.reset');
  } finally {
    await firefox.close();
  }
});

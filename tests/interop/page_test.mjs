// SPDX-License-Identifier: Apache-2.0
// The page in a real Chromium, clicked, against a camera that lives in another page (fake_camera.js):
// what the page asks for, what it shows, and what it hides.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { launchChromium } from './browsers.mjs';
import { bothPagesFlags, PageServer } from './page_server.mjs';

const desk = { width: 1440, height: 900 };
const phone = { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

let browser;
let server;
let page;
before(async () => {
  browser = await launchChromium(bothPagesFlags);
  // A network that has just come up makes Chromium drop what it loads.
  await pause(1000);
});
after(async () => { await browser?.close(); });

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

beforeEach(async () => { server = await PageServer.start(browser); });
afterEach(async () => {
  await page?.close();
  await server.stop();
});

// Opens the page with this token; resolves once it is live and knows its role.
async function open(token, viewport = desk) {
  page = await browser.newPage();
  page.setDefaultTimeout(10_000);
  await page.setViewport(viewport);
  await page.goto(`${server.url}${token ? `#token=${token}` : ''}`);
  await page.waitForFunction(() => window.ocellus?.state === 'live' && window.ocellus.role);
}

const calls = (method) => server.camera.evaluate(
  (name) => window.camera.state.calls.filter((call) => call.method === name), method);
const state = (part) => server.camera.evaluate((name) => window.camera.state[name], part);
// (Nothing is drawn in a page that is not in front, so it is asked by the clock.)
const waitForState = (condition, ...args) => server.camera.waitForFunction(condition, { polling: 50 }, ...args);
const isShown = (selector) => page.evaluate((one) => document.querySelector(one)?.checkVisibility() ?? false, selector);
const shownTabs = () => page.evaluate(
  () => [...document.querySelectorAll('[role=tab]')].filter((tab) => !tab.hidden).map((tab) => tab.textContent));

async function openTab(name) {
  if (!(await isShown('#drawer'))) await page.keyboard.press('c');
  await page.waitForSelector(`#tab-${name}`, { visible: true });
  await page.click(`#tab-${name}`);
}

// The middle of what the page shows of `selector`.
async function middleOf(selector) {
  const box = await (await page.waitForSelector(selector, { visible: true })).boundingBox();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, width: box.width, height: box.height };
}

// The slider with this name.
const slider = (title) => `::-p-xpath(//label[text()="${title}"]/following-sibling::input)`;

describe('who may do what', () => {
  test('a viewer sees no controls that he may not use', async () => {
    await open('viewer-token');
    await page.keyboard.press('c');
    await page.waitForSelector('#drawer', { visible: true });
    assert.deepEqual(await shownTabs(), ['Files', 'System']);
    assert.match(await page.$eval('#role', (role) => role.textContent), /viewer/);
    assert.equal(await isShown('#log-in'), true);
    assert.equal(await isShown('.log'), false);
    await page.keyboard.press('ArrowLeft');
    await pause(100);
    assert.deepEqual(await calls('ptz.drive'), []);
  });

  test('an operator steers, an admin configures', async () => {
    await open('operator-token');
    await page.keyboard.press('c');
    assert.deepEqual(await shownTabs(), ['Move', 'Picture', 'Files', 'System']);
    await page.close();
    await open('admin-token');
    await page.keyboard.press('c');
    assert.deepEqual(await shownTabs(), ['Move', 'Picture', 'Files', 'Settings', 'System']);
    assert.equal(await isShown('#log-in'), false);
  });

  test('logging in gives more, also after a reload, until one logs out', async () => {
    await open();
    await page.keyboard.press('c');
    await page.click('#log-in');
    await page.type('#login input', 'guess');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => /wrong/.test(document.querySelector('#login').textContent));
    await page.keyboard.type('admin-token');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => window.ocellus.role === 'admin');
    assert.equal(await isShown('#login'), false);
    assert.ok((await shownTabs()).includes('Settings'));

    await page.reload();
    await page.waitForFunction(() => window.ocellus.role === 'admin');
    await page.keyboard.press('c');
    await page.click('#log-out');
    await page.waitForFunction(() => window.ocellus.role === 'viewer' && window.ocellus.state === 'live');
    assert.equal(await isShown('#log-out'), false);
  });

  test('a camera that wants a token asks for it once, and again when it is wrong', async () => {
    server.openRole = undefined;
    page = await browser.newPage();
    await page.setViewport(desk);
    await page.goto(server.url);
    await page.waitForSelector('#unlock input', { visible: true });
    await page.type('#unlock input', 'wrong');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => /This token is wrong/.test(document.body.innerText));
    await page.$eval('#unlock input', (input) => { input.value = ''; });
    await page.type('#unlock input', 'operator-token');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => window.ocellus.state === 'live' && window.ocellus.role === 'operator');
    await page.reload();
    await page.waitForFunction(() => window.ocellus.state === 'live');
  });

  test('a camera without data channels shows its picture, without controls', async () => {
    server.hasDataChannels = false;
    page = await browser.newPage();
    await page.goto(`${server.url}#token=admin-token`);
    await page.waitForFunction(() => window.ocellus.state === 'live');
    await pause(300);
    assert.equal(await isShown('#controls'), false);
    assert.equal(await isShown('#snapshot'), false);
    await page.keyboard.press('c');
    assert.equal(await isShown('#drawer'), false);
  });
});

test('what the camera says is shown, and never interpreted', async () => {
  await server.camera.evaluate(() => {
    const { state, log } = window.camera;
    const markup = '<img src="x"><b>bold</b>';
    const [control] = state.image;
    const [output] = state.outputs;
    const [preset] = state.ptz.presets;
    const [recording] = state.files.recordings;
    const [setting] = state.settings;
    control.title = output.name = preset.name = recording.name = setting.description = markup;
    state.device.name = markup;
    log('info', markup);
  });
  await open('admin-token');
  for (const tab of ['move', 'picture', 'files', 'settings', 'system']) {
    await openTab(tab);
    await page.waitForFunction(
      (name) => document.getElementById(`page-${name}`).textContent.includes('<b>bold</b>'), {}, tab);
  }
  assert.match(await page.title(), /<b>bold/);
  assert.equal(await page.$('img, b'), null);
});

describe('a page of which a part is lost on the way', () => {
  // Resolves once it has loaded itself again, is live and knows its role, to what it has said until then.
  async function openBroken() {
    page = await browser.newPage();
    await page.evaluateOnNewDocument(() => {
      new MutationObserver(() => {
        const said = JSON.parse(sessionStorage.getItem('said') ?? '[]');
        const reason = document.getElementById('reason')?.textContent;
        if (reason && said.at(-1) !== reason) sessionStorage.setItem('said', JSON.stringify([...said, reason]));
      }).observe(document, { subtree: true, childList: true });
    });
    await page.goto(`${server.url}#token=operator-token`);
    await page.waitForFunction(() => performance.getEntriesByType('navigation')[0].type === 'reload'
      && window.ocellus?.state === 'live' && window.ocellus.role);
    return page.evaluate(() => JSON.parse(sessionStorage.getItem('said') ?? '[]'));
  }

  test('says so, and loads itself again, each time later', async () => {
    server.cutOff = ['path.js', 'viewer.js'];
    const said = await openBroken();
    assert.deepEqual(said.slice(0, 2), ['Loading it again in 1 s', 'Loading it again in 2 s']);
    assert.equal(await page.evaluate(() => window.location.hash), '#token=operator-token');
  });

  test('does so for its look, and for the controls', async () => {
    server.cutOff = ['drawer.css', 'steer.js'];
    await openBroken();
    assert.deepEqual(server.cutOff, []);
    await page.keyboard.press('c');
    assert.deepEqual(await shownTabs(), ['Move', 'Picture', 'Files', 'System']);
  });

  test('says so where the browser is what lacks something', async () => {
    page = await browser.newPage();
    await page.evaluateOnNewDocument(() => { delete window.MediaStream; });
    await page.goto(server.url);
    await page.waitForFunction(() => /This browser cannot.*MediaStream/s.test(document.body.innerText));
  });
});

describe('the picture', () => {
  test('follows a slider, and the slider follows other viewers', async () => {
    await open('operator-token');
    await openTab('picture');
    const { x, y, width } = await middleOf(slider('Brightness'));
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + width / 4, y, { steps: 40 });
    await page.mouse.up();
    const wanted = await page.$eval('#page-picture input', (input) => Number(input.value));
    assert.ok(wanted > 40, `${wanted}`);
    await waitForState((value) => window.camera.state.image[0].value === value, wanted);

    await server.camera.evaluate(() => {
      const [brightness] = window.camera.state.image;
      brightness.value = -77;
      window.camera.notify('image', 'image.changed', { complete: false, controls: [brightness] });
    });
    await page.waitForFunction(
      () => document.querySelector('#page-picture output').textContent === '-77');
  });

  test('has switches and menus, and says what rules out what', async () => {
    await open('operator-token');
    await openTab('picture');
    const exposure = await page.waitForSelector(slider('Exposure time'));
    assert.equal(await exposure.evaluate((input) => input.disabled), true);
    await (await page.waitForSelector('::-p-text(Automatic exposure)')).click();
    await page.waitForFunction((input) => !input.disabled, {}, exposure);
    assert.equal((await calls('image.set'))[0].params.value, false);
    const menu = await page.waitForSelector('::-p-xpath(//label[text()="Power line frequency"]/following-sibling::select)');
    await menu.select('60 Hz');
    await waitForState(() => window.camera.state.image.some(({ name, value }) => name === 'power-line-frequency' && value === 2));
    await (await page.waitForSelector('::-p-text(Reset the picture)')).click();
    await page.waitForFunction((input) => input.disabled, {}, exposure);
  });

  test('has a stream that can be changed', async () => {
    await open('operator-token');
    await openTab('picture');
    const size = await page.waitForSelector('::-p-xpath(//label[text()="Size"]/following-sibling::select)');
    await size.select('854 × 480');
    await waitForState(() => window.camera.state.stream.height === 480);
    assert.deepEqual((await calls('stream.set'))[0].params, { width: 854, height: 480 });
  });
});

describe('moving', () => {
  test('arrow keys and + drive for as long as they are held', async () => {
    await open('operator-token');
    await page.keyboard.down('+');
    await page.keyboard.down('ArrowRight');
    await pause(1000);
    await page.keyboard.up('+');
    await page.keyboard.up('ArrowRight');
    await waitForState(() => window.camera.state.calls.at(-1).method === 'ptz.stop');
    const drives = await calls('ptz.drive');
    assert.ok(drives.length >= 3 && drives.length <= 8, `${drives.length} drives`);
    // The second key came at once after the first one.
    assert.deepEqual(drives[2].params, { pan: 0.6, tilt: 0, zoom: 0.6, for_ms: 1000 });
    const { pan, zoom } = await state('ptz');
    assert.ok(pan > 0.1 && zoom > 0.1, `${pan} ${zoom}`);
  });

  test('a key that had another name when it was pressed is let go all the same', async () => {
    await open('operator-token');
    await page.keyboard.down('Shift');
    await page.keyboard.down('Equal'); // A "+" with Shift, a "=" without.
    await waitForState(() => window.camera.state.calls.at(-1).method === 'ptz.drive');
    await page.keyboard.up('Shift');
    await page.keyboard.up('Equal');
    await waitForState(() => window.camera.state.calls.at(-1).method === 'ptz.stop');
    // Macs tell of no key that is let go while Command is held.
    await page.keyboard.down('ArrowLeft');
    await waitForState(() => window.camera.state.calls.at(-1).method === 'ptz.drive');
    await page.keyboard.down('Meta');
    await waitForState(() => window.camera.state.calls.at(-1).method === 'ptz.stop');
    await page.keyboard.up('Meta');
    assert.ok((await calls('ptz.drive')).some(({ params }) => params.pan < 0));
  });

  test('arrow keys move the camera also while the drawer is open', async () => {
    await open('operator-token');
    await openTab('picture');
    await openTab('move');
    await page.keyboard.press('ArrowLeft');
    await waitForState(() => window.camera.state.calls.at(-1).method === 'ptz.stop');
    assert.equal(await isShown('#page-move'), true);
    assert.equal((await calls('ptz.drive'))[0].params.pan, -0.6);
  });

  test('the pad drives towards the pointer, and stops when it is let go', async () => {
    await open('operator-token');
    await openTab('move');
    const pad = await middleOf('.pad');
    await page.mouse.move(pad.x - 80, pad.y);
    await page.mouse.down();
    await pause(300);
    await page.mouse.move(pad.x, pad.y - 95, { steps: 5 });
    await pause(300);
    await page.mouse.up();
    await waitForState(() => window.camera.state.calls.at(-1).method === 'ptz.stop');
    const drives = (await calls('ptz.drive')).map(({ params }) => params);
    assert.ok(drives[0].pan < -0.4 && drives[0].tilt === 0, JSON.stringify(drives[0]));
    assert.ok(drives.at(-1).tilt > 0.7 && drives.at(-1).pan === 0, JSON.stringify(drives.at(-1)));
  });

  test('the wheel zooms towards the pointer, and a hand drags the picture', async () => {
    await open('operator-token');
    const video = await middleOf('video');
    await page.mouse.move(video.x + video.width / 4, video.y);
    for (let i = 0; i < 4; i++) await page.mouse.wheel({ deltaY: -200 });
    await waitForState(() => window.camera.state.ptz.zoom > 0.5);
    await pause(700);
    const zoomed = await state('ptz');
    assert.ok(zoomed.pan > 0.4 && Math.abs(zoomed.tilt) < 0.05, JSON.stringify(zoomed));
    await page.mouse.down();
    await page.mouse.move(video.x + video.width / 4 + 200, video.y + 50, { steps: 10 });
    await page.mouse.up();
    await pause(300);
    const moved = await state('ptz');
    assert.ok(moved.pan < zoomed.pan && moved.tilt > zoomed.tilt, JSON.stringify(moved));
    assert.equal(moved.zoom, zoomed.zoom);
  });

  test('places are kept, gone to and deleted', async () => {
    await open('operator-token');
    await openTab('move');
    await page.type('.save-preset input', 'Gate');
    await page.keyboard.press('Enter');
    await (await page.waitForSelector('::-p-xpath(//button[text()="Gate"])')).click();
    await waitForState(() => window.camera.state.calls.at(-1).method === 'ptz.go_to_preset');
    await (await page.waitForSelector('::-p-xpath(//button[text()="Edit"])')).click();
    await (await page.waitForSelector('[aria-label="Delete Gate"]')).click();
    await waitForState(() => window.camera.state.ptz.presets.length === 2);
  });

  test('outputs are switched', async () => {
    await open('operator-token');
    await openTab('move');
    await (await page.waitForSelector('::-p-text(porch)')).click();
    await waitForState(() => window.camera.state.outputs[0].on);
  });
});

describe('settings and the log', () => {
  test('a setting is checked, saved and reset', async () => {
    await open('admin-token');
    await openTab('settings');
    const type = async (text) => {
      const input = await page.waitForSelector('#setting-width');
      await input.click({ count: 3 });
      await page.keyboard.type(text);
      await page.keyboard.press('Enter');
    };
    await type('7');
    await page.waitForFunction(() => /width: takes even numbers/.test(document.body.innerText));
    await type('1920');
    await page.waitForFunction(() => /Saved. Takes effect after a restart/.test(document.body.innerText));
    await waitForState(() => window.camera.state.settings.find(({ name }) => name === 'width').value === 1920);
    await pause(200);
    assert.match(await page.$eval('#page-settings', (tab) => tab.innerText), /Saved. Takes effect/);
    assert.equal(await isShown('.restart'), true);
    await (await page.waitForSelector('[aria-label="Set Width to its default"]')).click();
    await page.waitForFunction(() => document.getElementById('setting-width').value === '640');
    assert.equal(await page.$eval('#setting-http-port', (input) => input.disabled), true);
  });

  test('a field that is emptied has its default again, and is no zero', async () => {
    await open('admin-token');
    await openTab('settings');
    const type = async (name, key) => {
      const input = await page.waitForSelector(`#setting-${name}`);
      await input.click({ count: 3 });
      await page.keyboard.press(key);
      await page.keyboard.press('Enter');
    };
    await type('width', 'Backspace');
    await page.waitForFunction(() => document.getElementById('setting-width').value === '640');
    await type('turn-servers', 'Backspace');
    await waitForState(() => window.camera.state.settings.find(({ name }) => name === 'turn-servers').value.length === 0);
    await type('bitrate', 'e');
    await page.waitForFunction(() => /This is no number/.test(document.body.innerText));
    assert.deepEqual(await calls('settings.set'), []);
    assert.deepEqual((await calls('settings.reset')).map(({ params }) => params.name), ['width', 'turn-servers']);
  });

  test('a switch that the camera refuses stays as it was', async () => {
    await open('admin-token');
    await openTab('settings');
    await page.waitForSelector('#setting-open');
    await server.camera.evaluate(() => { window.camera.state.settings = []; });
    await page.click('#setting-open');
    await page.select('#setting-ice-policy', 'relay');
    await page.waitForFunction(() => document.querySelectorAll('.note[data-kind=bad]').length === 2);
    assert.equal(await page.$eval('#setting-open', (input) => input.checked), false);
    assert.equal(await page.$eval('#setting-ice-policy', (input) => input.value), 'all');
  });

  test('the settings are shown anew when the camera has come back', async () => {
    await open('admin-token');
    await openTab('settings');
    await page.waitForSelector('#setting-width');
    await server.camera.evaluate(() => {
      window.camera.state.settings.find(({ name }) => name === 'width').value = 320;
      window.camera.hangUp('s1');
    });
    await page.waitForFunction(() => document.getElementById('setting-width').value === '320');
    assert.equal(await isShown('#drawer'), true);
  });

  test('the log grows while somebody looks', async () => {
    await open('admin-token');
    await openTab('system');
    await page.waitForFunction(() => /the disk is full/.test(document.querySelector('.log').textContent));
    await server.camera.evaluate(() => window.camera.log('info', 'viewer 7 connected'));
    await page.waitForFunction(() => /viewer 7 connected/.test(document.querySelector('.log').textContent));
    await openTab('files');
    await waitForState(() => window.camera.state.calls.at(-1).method !== 'log.tail');
    assert.equal((await calls('events.unsubscribe')).length, 1);
  });
});

describe('files', () => {
  test('a snapshot is taken, shown and listed', async () => {
    await open('viewer-token');
    await page.keyboard.press('s');
    await page.waitForSelector('.card.snapshot canvas', { visible: true });
    assert.match(await page.$eval('.card.snapshot', (card) => card.textContent), /1280 × 720/);
    await openTab('files');
    await page.waitForFunction(() => /snapshot-\d+\.jpg/.test(document.querySelector('.drawer').textContent));
    assert.equal(await isShown('.files [aria-label^="Delete"]'), false);
  });

  test('a download shows how far it is, and can be stopped', async () => {
    await server.camera.evaluate(() => { window.camera.state.bytesPerSecond = 800_000; });
    await open('operator-token');
    await openTab('files');
    await (await page.waitForSelector('[aria-label="Save 2026-11-21_03-41-55.mp4"]')).click();
    await page.waitForSelector('.card.transfer', { visible: true });
    await page.waitForFunction(() => document.querySelector('.card progress')?.value > 0.1);
    await page.click('.card.transfer [aria-label^="Stop"]');
    await page.waitForFunction(() => document.querySelector('.card') === null);
  });

  test('firmware is sent, and has arrived whole', async () => {
    await open('admin-token');
    await openTab('system');
    const [chooser] = await Promise.all([
      page.waitForFileChooser(),
      (await page.waitForSelector('::-p-text(Send new firmware)')).click(),
    ]);
    await chooser.accept([new URL('./package-lock.json', import.meta.url).pathname]);
    await page.waitForFunction(() => /has arrived whole/.test(document.body.innerText));
  });
});

describe('room for the picture', () => {
  const overlap = () => page.evaluate(() => {
    const drawer = document.getElementById('drawer').getBoundingClientRect();
    const stage = document.querySelector('video').getBoundingClientRect();
    return stage.right > drawer.left + 1 && stage.bottom > drawer.top + 1;
  });

  test('on a desk the drawer lies beside the picture', async () => {
    await open('admin-token');
    for (let held = 0; held < 2; held++) await page.keyboard.down('c'); // Holding it is one press.
    await page.keyboard.up('c');
    await pause(300);
    assert.equal(await overlap(), false);
    await page.keyboard.press('Escape');
    assert.equal(await isShown('#drawer'), false);
  });

  test('on a phone held across, nothing else lies on the picture', async () => {
    await open('admin-token', { ...phone, width: 844, height: 390, isLandscape: true });
    await page.waitForFunction(() => !document.getElementById('controls').hidden);
    await page.tap('#controls');
    await pause(300);
    assert.equal(await overlap(), false);
    assert.equal(await isShown('.bar'), false);
    const { width } = await middleOf('video');
    assert.ok(width > 844 / 2, `${width} px of picture`);
  });

  test('on a phone one sees all of the picture while one moves a slider', async () => {
    await open('admin-token', phone);
    await page.waitForFunction(() => !document.getElementById('controls').hidden);
    await page.tap('#controls');
    await page.tap('#tab-picture');
    await pause(300);
    const picture = await middleOf('video');
    assert.equal(picture.y - picture.height / 2, 0);
    assert.ok(Math.abs(picture.height - picture.width * 9 / 16) < 2, `${picture.width} x ${picture.height}`);
    const { x, y, width } = await middleOf(slider('Contrast'));
    const finger = await page.touchscreen.touchStart(x, y);
    for (let way = 0; way <= width / 4; way += 4) await finger.move(x + way, y);
    await waitForState(() => window.camera.state.image[1].value > 130);
    assert.equal(await overlap(), false);
    await finger.end();
    const { bottom, seen } = await page.evaluate(() => {
      const pages = document.getElementById('pages').getBoundingClientRect();
      return { bottom: document.getElementById('drawer').getBoundingClientRect().bottom, seen: pages.height };
    });
    assert.equal(bottom, 844);
    assert.ok(seen > 844 / 2, `${seen} px of controls`);
  });

  test('on a phone it is a sheet below it, which can be pulled away', async () => {
    await open('admin-token', phone);
    await page.waitForFunction(() => !document.getElementById('controls').hidden);
    await page.tap('#controls');
    await pause(300);
    assert.equal(await overlap(), false);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(wide, 390);
    const head = await middleOf('#drawer-head .grip');
    const finger = await page.touchscreen.touchStart(head.x, head.y);
    for (let y = 0; y <= 120; y += 20) await finger.move(head.x, head.y + y);
    await finger.end();
    await page.waitForFunction(() => document.getElementById('drawer').hidden);
  });

  test('while the connection is away nothing can be set, but the sheet can be closed', async () => {
    await open('admin-token', phone);
    await page.tap('#controls');
    await page.setOfflineMode(true);
    await server.camera.evaluate(() => window.camera.hangUp('s1'));
    await page.waitForFunction(() => window.ocellus.state === 'waiting');
    assert.equal(await page.$eval('#pages', (pages) => pages.inert), true);
    await page.tap('#close-drawer');
    assert.equal(await isShown('#drawer'), false);
    await page.setOfflineMode(false);
    await page.waitForFunction(() => window.ocellus.state === 'live' && !document.getElementById('pages').inert);
    await page.tap('#controls');
    assert.equal(await isShown('#drawer'), true);
  });
});

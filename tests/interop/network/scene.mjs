// SPDX-License-Identifier: Apache-2.0
// What the tests here have in common: a laboratory with coturn on its server, and in it a camera
// that somebody watches.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { countGaps } from '../browsers.mjs';
import { Camera } from './camera.mjs';
import { Coturn } from './coturn.mjs';
import { whatIsMissing } from './host.mjs';
import { Laboratory } from './laboratory.mjs';
import { Watcher } from './watcher.mjs';

const missing = whatIsMissing();
// CMakeLists.txt knows a skipped test by this line.
if (missing) console.log(`The laboratory cannot be built here: ${missing}`);

// A test within the limit of a minute, or of `seconds`. `homes` is for Laboratory.twoHomes; without
// it camera and viewer are on one LAN. What `body` puts into `closing` is closed afterwards, the
// last first, and the laboratory after that.
export function laboratoryTest(name, { homes, seconds = 60 }, body) {
  test(name, { skip: missing, timeout: seconds * 1000 }, async (context) => {
    const closing = [];
    // A hook runs after a time-out too. What cannot be closed does not keep the rest open.
    context.after(async () => {
      for (const close of closing.reverse()) {
        try {
          await close();
        } catch (error) {
          console.log(`While closing: ${error.message}`);
        }
      }
    });
    const laboratory = homes ? Laboratory.twoHomes(homes) : Laboratory.oneLan();
    closing.push(() => laboratory.close());
    await laboratory.ready();
    const coturn = await Coturn.start(laboratory);
    closing.push(() => coturn.stop());
    const scene = { laboratory, coturn, closing };
    try {
      await body(scene);
    } catch (error) {
      if (scene.camera) console.log(`What the camera said:\n${scene.camera.program.log}`);
      throw error;
    }
  });
}

// Starts the camera with `options` (Camera.start), and a browser that sees it: {camera, watcher},
// and in `firstPicture` how many milliseconds after the visit.
export async function watch(scene, options) {
  const { laboratory, coturn, closing } = scene;
  const camera = await Camera.start(laboratory, coturn, options);
  scene.camera = camera;
  closing.push(() => camera.stop());
  const watcher = await Watcher.start(laboratory, coturn);
  closing.push(() => watcher.close());
  return { camera, watcher, firstPicture: await watcher.open() };
}

// Whether what comes can be watched: pictures are shown, and can be read.
export async function assertWatchable(watcher) {
  const pictures = await watcher.page.evaluate(() => window.probe.watchDecoded(2_000));
  assert.ok(pictures.length >= 45, `${pictures.length} pictures in 2 s`);
  assert.equal(countGaps(pictures).unreadable, 0);
}

// The way in use as both sides name it: {browser, camera}, the latter a "path" of /status.
export async function pathOfBoth({ camera, watcher }) {
  const browser = await watcher.path();
  const viewer = (await camera.viewers()).findLast(({ state }) => state === 'connected');
  return { browser, camera: viewer?.path };
}

const isDirect = ({ browser, camera }) =>
  ![
    browser.local.candidateType,
    browser.remote.candidateType,
    camera?.local_type,
    camera?.remote_type,
  ].includes('relay');

// A direct way may be found after a relayed one; it then takes its place.
export async function assertDirect(both, protocol = 'udp') {
  const end = Date.now() + 5_000;
  let path = await pathOfBoth(both);
  while (!(path.camera && isDirect(path)) && Date.now() < end) path = await pathOfBoth(both);
  assert.ok(path.camera && isDirect(path), `not direct: ${JSON.stringify(path)}`);
  assert.equal(path.browser.local.protocol, protocol);
  assert.equal(path.camera.protocol, protocol);
  return path;
}

export async function assertRelayed(both) {
  const path = await pathOfBoth(both);
  assert.ok(path.camera && !isDirect(path), `not relayed: ${JSON.stringify(path)}`);
  return path;
}

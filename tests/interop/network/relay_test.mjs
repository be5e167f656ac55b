// SPDX-License-Identifier: Apache-2.0
// What stands and falls with the TURN server: who may use it, what is hidden behind it, and what
// happens when it dies.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { turnSecret } from './coturn.mjs';
import { assertDirect, assertRelayed, assertWatchable, laboratoryTest, watch } from './scene.mjs';

laboratoryTest(
  'both sides use time-limited credentials, each its own',
  {
    homes: {
      camera: { kind: 'symmetric' },
      viewer: { kind: 'symmetric', blocked: ['meta l4proto udp'] },
    },
  },
  async (scene) => {
    const { udpUrl, tcpUrl } = scene.coturn;
    const both = await watch(scene, { turn: [udpUrl, tcpUrl], flags: ['--ice-policy', 'relay'] });
    const { browser, camera } = await assertRelayed(both);
    assert.equal(browser.local.candidateType, 'relay');
    assert.equal(camera.local_type, 'relay');
    await assertWatchable(both.watcher);

    const servers = await both.watcher.page.evaluate(
      () => window.ocellus.pc.getConfiguration().iceServers,
    );
    const { username, credential } = servers.find(({ urls }) => String(urls).startsWith('turn:'));
    const secondsLeft = Number(username.split(':')[0]) - Date.now() / 1000;
    assert.ok(secondsLeft > 0 && secondsLeft <= 24 * 3600, `${username}: ${secondsLeft} s left`);
    assert.equal(credential, createHmac('sha1', turnSecret).update(username).digest('base64'));
    const users = new Set(
      [...scene.coturn.log.matchAll(/user <(\d+:[^>]+)>/g)].map(([, user]) => user),
    );
    assert.ok(users.has(username), 'coturn has not seen the viewer by its name');
    assert.ok(users.size >= 2, 'the camera has the same name as its viewer');
  },
);

// Checklist 64.
laboratoryTest(
  'with --ice-policy relay nobody learns where the camera is, and no packet shows it',
  { homes: { camera: { kind: 'full-cone' }, viewer: { kind: 'full-cone' } } },
  async (scene) => {
    const { laboratory } = scene;
    const servers = `{ ${laboratory.serverAddresses.join(', ')} }`;
    const sent = laboratory.camera.count(
      'output',
      `meta l4proto udp ip daddr != ${servers} ip daddr != 224.0.0.251`,
    );
    const received = laboratory.camera.count(
      'input',
      `meta l4proto udp ip saddr != ${servers} ip daddr != 224.0.0.251`,
    );
    const both = await watch(scene, { flags: ['--ice-policy', 'relay'] });
    const { camera } = await assertRelayed(both);
    assert.equal(camera.local_type, 'relay');
    await assertWatchable(both.watcher);
    assert.deepEqual(sent(), { packets: 0, bytes: 0 });
    assert.deepEqual(received(), { packets: 0, bytes: 0 });

    const answer = await both.watcher.page.evaluate(() => window.ocellus.pc.remoteDescription.sdp);
    const candidates = answer.match(/^a=candidate:.*$/gm);
    assert.ok(candidates.length > 0);
    for (const candidate of candidates) assert.match(candidate, / typ relay/);
    assert.doesNotMatch(answer, /192\.168\.1\.2|203\.0\.113\.2\b/);
    // The status says as little to the viewer.
    assert.doesNotMatch(
      JSON.stringify(await both.camera.status()),
      /192\.168\.1\.2|203\.0\.113\.2\b/,
    );
  },
);

laboratoryTest(
  'when the relay comes back, so does the picture',
  { homes: { camera: { kind: 'symmetric' }, viewer: { kind: 'symmetric' } } },
  async (scene) => {
    const both = await watch(scene);
    await assertRelayed(both);
    await scene.coturn.kill();
    await sleep(5_000);
    await scene.coturn.startAgain();
    const back = await both.watcher.firstAfter(Date.now(), 15_000);
    console.log(`relay back: picture after ${back} ms`);
    assert.ok(back < 5_000, `the picture came ${back} ms after the relay`);
    await assertRelayed(both);
    await assertWatchable(both.watcher);
  },
);

laboratoryTest(
  'a direct path does not care whether the relay lives',
  { homes: { camera: { kind: 'port-restricted' }, viewer: { kind: 'port-restricted' } } },
  async (scene) => {
    const both = await watch(scene);
    const before = await assertDirect(both);
    await both.watcher.record();
    await scene.coturn.kill();
    await sleep(8_000);
    const gap = await both.watcher.longestGap();
    assert.ok(gap < 500, `${gap} ms without a picture`);
    const after = await assertDirect(both);
    assert.deepEqual(after.browser, before.browser);
    await scene.coturn.startAgain();
    await sleep(3_000);
    assert.ok((await both.watcher.longestGap()) < 500);
  },
);

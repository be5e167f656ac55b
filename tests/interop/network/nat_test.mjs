// SPDX-License-Identifier: Apache-2.0
// Camera and viewer behind NATs of every kind: they find the direct way wherever there is one, and
// the relay where there is none.
import assert from 'node:assert/strict';

import { Camera } from './camera.mjs';
import { mediaPort } from './laboratory.mjs';
import { assertDirect, assertRelayed, assertWatchable, laboratoryTest, watch } from './scene.mjs';

// Camera's NAT, viewer's NAT, the way, and words of what --check-network says about the camera's.
const cases = [
  ['full-cone', 'port-restricted', 'direct', /a cone NAT[^]*lets everybody in/],
  ['full-cone', 'symmetric', 'direct'],
  [
    'port-restricted',
    'port-restricted',
    'direct',
    /a cone NAT[^]*lets in addresses and ports that we have sent to/,
  ],
  ['port-restricted', 'symmetric', 'relayed'],
  ['symmetric', 'port-restricted', 'relayed'],
  ['symmetric', 'symmetric', 'relayed', /a symmetric NAT/],
];

for (const [camera, viewer, way, report] of cases) {
  const homes = { camera: { kind: camera }, viewer: { kind: viewer } };
  laboratoryTest(`${camera} camera, ${viewer} viewer: ${way}`, { homes }, async (scene) => {
    if (report) assert.match(Camera.checkNetwork(scene.laboratory, scene.coturn), report);
    const both = await watch(scene);
    const path = await (way === 'direct' ? assertDirect : assertRelayed)(both);
    console.log(
      `${camera}/${viewer}: first picture ${both.firstPicture} ms after the visit, ` +
        `${path.camera.local_type} to ${path.camera.remote_type}`,
    );
    await assertWatchable(both.watcher);
  });
}

laboratoryTest(
  'a direct way needs no TURN server to be configured',
  { homes: { camera: { kind: 'port-restricted' }, viewer: { kind: 'port-restricted' } } },
  async (scene) => {
    const both = await watch(scene, { turn: [] });
    const { browser } = await assertDirect(both);
    assert.equal(browser.remote.address, '203.0.113.2');
    await assertWatchable(both.watcher);
  },
);

// Only what the viewer has asked gets in, and only from where it has asked.
laboratoryTest(
  'IPv6 only, a firewall at each home: direct',
  { homes: { camera: { kind: 'none' }, viewer: { kind: 'none' }, family: 'IPv6' } },
  async (scene) => {
    const both = await watch(scene);
    const { browser } = await assertDirect(both);
    assert.equal(browser.remote.address, '2001:db8:1::2');
    await assertWatchable(both.watcher);
  },
);

// The browser cannot call first here, so all depends on the name that stands for its address.
laboratoryTest('on one LAN, a browser that has only a .local name is found', {}, async (scene) => {
  scene.laboratory.viewer.filter(`
    table inet filter {
      chain output {
        type filter hook output priority filter; policy accept;
        udp dport ${mediaPort} ct state new drop
      }
    }`);
  const both = await watch(scene, { stun: [], turn: [], flags: ['--ice-tcp', 'false'] });
  const offer = await both.watcher.page.evaluate(() => window.ocellus.pc.localDescription.sdp);
  assert.match(offer, /\.local \d+ typ host/);
  await assertDirect(both);
  await assertWatchable(both.watcher);
});

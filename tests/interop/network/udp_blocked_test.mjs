// SPDX-License-Identifier: Apache-2.0
// A viewer whose network lets no UDP through, and one way after the other that remains, each alone.
import assert from 'node:assert/strict';

import { Camera } from './camera.mjs';
import { mediaPort } from './laboratory.mjs';
import { assertDirect, assertRelayed, assertWatchable, laboratoryTest, watch } from './scene.mjs';

const noUdp = ['meta l4proto udp'];
const homes = {
  camera: { kind: 'port-restricted', forward: [mediaPort] },
  viewer: { kind: 'port-restricted', blocked: noUdp },
};

for (const [name, protocol] of [
  ['TCP', 'tcp'],
  ['TLS', 'tls'],
]) {
  laboratoryTest(`TURN over ${name}`, { homes }, async (scene) => {
    const url = scene.coturn[`${protocol}Url`];
    const both = await watch(scene, { turn: [url], flags: ['--ice-tcp', 'false'] });
    const { browser } = await assertRelayed(both);
    assert.equal(browser.local.candidateType, 'relay');
    assert.equal(browser.local.relayProtocol, protocol);
    // The camera has come to the server in the same way.
    const { network } = await both.camera.status();
    const server = network.servers.find((other) => other.url.startsWith('turn'));
    assert.equal(server.state, 'ready');
    assert.equal(server.relayed.length, 1);
    await assertWatchable(both.watcher);
  });
}

laboratoryTest('ICE-TCP to the one open port', { homes }, async (scene) => {
  const both = await watch(scene, { turn: [], flags: ['--public-addresses', '203.0.113.2'] });
  const { browser } = await assertDirect(both, 'tcp');
  assert.deepEqual([browser.remote.address, browser.remote.port], ['203.0.113.2', mediaPort]);
  await assertWatchable(both.watcher);
});

laboratoryTest(
  'a camera without UDP is watched over TLS to its relay',
  { homes: { camera: { kind: 'port-restricted', blocked: noUdp }, viewer: { kind: 'symmetric' } } },
  async (scene) => {
    const turn = [scene.coturn.tlsUrl];
    assert.match(
      Camera.checkNetwork(scene.laboratory, scene.coturn, { turn }),
      /no server answers over UDP[^]*only through TURN/,
    );
    const both = await watch(scene, { turn });
    const { camera } = await assertRelayed(both);
    assert.equal(camera.local_type, 'relay');
    assert.equal(camera.relay_protocol, 'tls');
    await assertWatchable(both.watcher);
  },
);

// SPDX-License-Identifier: Apache-2.0
// The laboratory itself: a NAT that is not what its label says would make every other test here
// prove something else.
import assert from 'node:assert/strict';
import { once } from 'node:events';

import { timeLimitedCredentials, turnPort } from './coturn.mjs';
import { httpPort, mediaPort } from './laboratory.mjs';
import { natKinds } from './nat.mjs';
import { laboratoryTest } from './scene.mjs';
import { Watcher } from './watcher.mjs';

function probe(laboratory, host) {
  const script = new URL('./nat_probe.mjs', import.meta.url);
  return host.script(script, [laboratory.serverAddresses[0], turnPort]);
}

const behaviours = {
  'full-cone': { mapping: 'endpoint-independent', filtering: 'endpoint-independent' },
  'address-restricted': { mapping: 'endpoint-independent', filtering: 'address-dependent' },
  'port-restricted': { mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' },
  symmetric: { mapping: 'address-and-port-dependent', filtering: 'address-and-port-dependent' },
};

for (const kind of natKinds) {
  const homes = { camera: { kind }, viewer: { kind } };
  laboratoryTest(
    `a router labelled ${kind} is that by RFC 5780`,
    { homes },
    async ({ laboratory }) => {
      const [camera, viewer] = await Promise.all(
        [laboratory.camera, laboratory.viewer].map((host) => probe(laboratory, host)),
      );
      assert.equal(camera.mapped.address, '203.0.113.2');
      assert.equal(viewer.mapped.address, '203.0.113.3');
      for (const { mapping, filtering } of [camera, viewer]) {
        assert.deepEqual({ mapping, filtering }, behaviours[kind]);
      }
    },
  );
}

const firewalls = { camera: { kind: 'none' }, viewer: { kind: 'none' }, family: 'IPv6' };
laboratoryTest(
  'an IPv6 home keeps its addresses behind a firewall',
  { homes: firewalls },
  async ({ laboratory }) => {
    const { mapped, mapping, filtering } = await probe(laboratory, laboratory.camera);
    assert.deepEqual(
      { address: mapped.address, mapping, filtering },
      { address: '2001:db8:1::2', mapping: 'none', filtering: 'address-and-port-dependent' },
    );
  },
);

// What Chromium on the viewer gathers by way of one TURN server alone: {protocol, address} of the
// relay, or null.
async function gatherRelay(browser, url) {
  const page = await browser.newPage();
  return page.evaluate(
    async (server) => {
      const pc = new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: 'relay' });
      pc.addTransceiver('video');
      const relay = new Promise((resolve) => {
        pc.onicecandidate = ({ candidate }) => {
          if (candidate === null) resolve(null);
          else if (candidate.type === 'relay') {
            resolve({ protocol: candidate.relayProtocol, address: candidate.address });
          }
        };
      });
      await pc.setLocalDescription();
      setTimeout(() => pc.close(), 20_000);
      return relay;
    },
    { urls: url, ...timeLimitedCredentials('browser') },
  );
}

const noUdp = {
  camera: { kind: 'port-restricted' },
  viewer: { kind: 'port-restricted', blocked: ['meta l4proto udp'] },
};
laboratoryTest(
  'where UDP is blocked, a browser still has TCP and TLS to the relay',
  { homes: noUdp },
  async ({ laboratory, coturn, closing }) => {
    await assert.rejects(probe(laboratory, laboratory.viewer), /nat_probe.mjs ended with 1/);
    await probe(laboratory, laboratory.camera);
    const { browser } = await Watcher.start(laboratory, coturn);
    closing.push(() => browser.close());
    const [address] = laboratory.serverAddresses;
    const [tcp, tls] = await Promise.all(
      [coturn.tcpUrl, coturn.tlsUrl].map((url) => gatherRelay(browser, url)),
    );
    assert.deepEqual(tcp, { protocol: 'tcp', address });
    assert.deepEqual(tls, { protocol: 'tls', address });
  },
);

// A page with a connection `pc` that knows the servers.
async function openPeer(scene, host) {
  const { browser } = await Watcher.start(scene.laboratory, scene.coturn, host);
  scene.closing.push(() => browser.close());
  const page = await browser.newPage();
  await page.evaluate(
    (iceServers) => {
      window.pc = new RTCPeerConnection({ iceServers });
      window.describe = async () => {
        await window.pc.setLocalDescription();
        while (window.pc.iceGatheringState !== 'complete') {
          await new Promise((resolve) => {
            setTimeout(resolve, 20);
          });
        }
        return window.pc.localDescription.toJSON();
      };
    },
    [
      { urls: scene.coturn.stunUrl },
      { urls: scene.coturn.udpUrl, ...timeLimitedCredentials('browser') },
    ],
  );
  return page;
}

// Calls once, and says of which types the ends of the way in use are. A direct one may be found
// after a relayed one, within `patience` ms.
async function callBetweenBrowsers(scene, patience) {
  const [offerer, answerer] = await Promise.all(
    [scene.laboratory.camera, scene.laboratory.viewer].map((host) => openPeer(scene, host)),
  );
  await offerer.evaluate(() => {
    window.pc.createDataChannel('');
  });
  const answer = await answerer.evaluate(
    async (offer) => {
      await window.pc.setRemoteDescription(offer);
      return window.describe();
    },
    await offerer.evaluate(() => window.describe()),
  );
  return offerer.evaluate(
    async (description, patience) => {
      const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      await window.pc.setRemoteDescription(description);
      while (window.pc.connectionState !== 'connected') await sleep(20);
      const end = performance.now() + patience;
      for (;;) {
        const report = await window.pc.getStats();
        const { selectedCandidatePairId } = [...report.values()].find(
          ({ type }) => type === 'transport',
        );
        const { localCandidateId, remoteCandidateId } = report.get(selectedCandidatePairId);
        const types = [localCandidateId, remoteCandidateId].map(
          (id) => report.get(id).candidateType,
        );
        if (!types.includes('relay') || performance.now() > end) return types;
        await sleep(100);
      }
    },
    answer,
    patience,
  );
}

const ways = [
  ['address-restricted', 'symmetric', 'direct'],
  ['port-restricted', 'port-restricted', 'direct'],
  ['symmetric', 'symmetric', 'relayed'],
];
for (const [camera, viewer, way] of ways) {
  const homes = { camera: { kind: camera }, viewer: { kind: viewer } };
  laboratoryTest(`two browsers, ${camera} and ${viewer}: ${way}`, { homes }, async (scene) => {
    // What the networks leave open is in question here, not how often browsers find it: now and
    // then Chromium keeps the relay.
    const calls = [];
    do calls.push(await callBetweenBrowsers(scene, 2_000));
    while (calls.length < 4 && calls.at(-1).includes('relay'));
    const types = calls.at(-1);
    assert.equal(types.includes('relay') ? 'relayed' : 'direct', way, JSON.stringify(calls));
  });
}

// How a connection to `port` of the camera's home from the viewer's ends: "open" or "shut".
function tryPort(laboratory, port) {
  const connect = `timeout 1 bash -c '</dev/tcp/203.0.113.2/${port}' 2>&-`;
  return laboratory.viewer.run('bash', ['-c', `${connect} && echo open || echo shut`]).trim();
}

laboratoryTest(
  'only forwarded ports of a home are open',
  { homes: { camera: { kind: 'port-restricted' }, viewer: { kind: 'symmetric' } } },
  async ({ laboratory }) => {
    for (const port of [httpPort, mediaPort]) {
      const listen = `require('node:net').createServer().listen(${port}, () => console.log(0))`;
      const listener = laboratory.camera.spawn(process.execPath, ['-e', listen]);
      await once(listener.stdout, 'data');
    }
    assert.equal(tryPort(laboratory, httpPort), 'open');
    assert.equal(tryPort(laboratory, mediaPort), 'shut');
  },
);

// SPDX-License-Identifier: Apache-2.0
// Networks that change while somebody watches: addresses, interfaces, cables.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { assertDirect, assertWatchable, laboratoryTest, watch } from './scene.mjs';

const portRestricted = { kind: 'port-restricted' };
const homes = { camera: portRestricted, viewer: portRestricted };

// The host gets another address on its interface "lan", as from a DHCP server that has forgotten
// it.
function changeAddress(host, from, to, gateway) {
  host.ip(`address del ${from}/24 dev lan`);
  host.ip(`address add ${to}/24 dev lan`);
  host.ip(`route add default via ${gateway}`);
}

// Lets `change` happen, and measures how long pictures stay away in the `seconds` after it.
async function gapAfter({ watcher }, change, seconds) {
  await watcher.record();
  // Mid-stream: candidates are exchanged, and the page has stopped loading.
  await sleep(5_000);
  change();
  await sleep(seconds * 1000);
  return watcher.longestGap();
}

laboratoryTest(
  'the camera gets another address on its own network: back in less than 3 s',
  {},
  async (scene) => {
    const { laboratory } = scene;
    const both = await watch(scene);
    const gap = await gapAfter(
      both,
      () =>
        changeAddress(
          laboratory.camera,
          '203.0.113.11',
          '203.0.113.77',
          laboratory.serverAddresses[0],
        ),
      6,
    );
    console.log(`camera's new address: ${gap} ms without a picture`);
    assert.ok(gap < 3_000, `${gap} ms without a picture`);
    const { camera } = await assertDirect(both);
    assert.match(camera.local_address, /^203\.0\.113\.77:/);
    await assertWatchable(both.watcher);
  },
);

// Behind the router's new port no packet of the camera's gets through the viewer's NAT; the
// viewer's relay lets it in at once, because it knows the router's address already.
laboratoryTest(
  'the camera gets another address behind its router: back in less than 3 s',
  { homes },
  async (scene) => {
    const { laboratory } = scene;
    const both = await watch(scene);
    const gap = await gapAfter(
      both,
      () => {
        changeAddress(laboratory.camera, '192.168.1.2', '192.168.1.22', '192.168.1.1');
        laboratory.setRouter(laboratory.cameraRouter, { host: '192.168.1.22' });
      },
      8,
    );
    console.log(`camera's new address behind a router: ${gap} ms without a picture`);
    assert.ok(gap < 3_000, `${gap} ms without a picture`);
    await assertWatchable(both.watcher);
  },
);

// Nobody tells the page; that no picture has come for a while does.
laboratoryTest(
  'the viewer gets another address behind its router: back in less than 3 s',
  { homes },
  async (scene) => {
    const { laboratory } = scene;
    const both = await watch(scene);
    const gap = await gapAfter(
      both,
      () => changeAddress(laboratory.viewer, '192.168.2.2', '192.168.2.22', '192.168.2.1'),
      8,
    );
    console.log(`viewer's new address: ${gap} ms without a picture`);
    assert.ok(gap < 3_000, `${gap} ms without a picture`);
    await assertDirect(both);
    await assertWatchable(both.watcher);
  },
);

laboratoryTest(
  'of two uplinks one leads nowhere: the other is used, without delay',
  { homes },
  async (scene) => {
    const { laboratory } = scene;
    laboratory.addSecondUplink(portRestricted);
    await laboratory.ready();
    laboratory.setRouter(laboratory.cameraRouter, { blocked: ['meta l4proto { tcp, udp }'] });
    const both = await watch(scene);
    const path = await assertDirect(both);
    assert.match(path.camera.local_address, /^192\.168\.3\.2:/);
    console.log(`one uplink dead: first picture ${both.firstPicture} ms after the visit`);
    assert.ok(both.firstPicture < 3_000, `the first picture took ${both.firstPicture} ms`);
    await assertWatchable(both.watcher);
  },
);

laboratoryTest('the uplink in use dies: the other takes over', { homes }, async (scene) => {
  const { laboratory } = scene;
  laboratory.addSecondUplink(portRestricted);
  await laboratory.ready();
  const both = await watch(scene);
  const { camera: before } = await assertDirect(both);
  const [used] = before.local_address.split(':');
  const router = used === '192.168.1.2' ? laboratory.cameraRouter : laboratory.secondRouter;
  const gap = await gapAfter(both, () => router.ip('link set lan down'), 10);
  console.log(`uplink ${used} died: ${gap} ms without a picture`);
  assert.ok(gap < 6_000, `${gap} ms without a picture`);
  const { camera: after } = await assertDirect(both);
  assert.notEqual(after.local_address, before.local_address);
  await assertWatchable(both.watcher);
});

laboratoryTest(
  'the cable is out for 10 s, and for 60 s',
  { homes, seconds: 140 },
  async (scene) => {
    const { laboratory } = scene;
    const { camera, watcher } = await watch(scene);
    const plug = (state) => laboratory.cameraRouter.ip(`link set lan ${state}`);

    const [{ id }] = await camera.viewers();
    plug('down');
    await sleep(10_000);
    plug('up');
    const afterTen = await watcher.firstAfter(Date.now(), 15_000);
    console.log(`cable out for 10 s: picture ${afterTen} ms after it is in`);
    assert.ok(afterTen < 5_000, `the picture came ${afterTen} ms after the cable`);
    await assertWatchable(watcher);
    const kept = (await camera.viewers()).some((viewer) => viewer.id === id);
    console.log(`the page ${kept ? 'kept its session' : 'came again'}`);

    plug('down');
    await sleep(45_000);
    assert.deepEqual(await camera.viewers(), [], 'a viewer who cannot be there keeps its place');
    await sleep(15_000);
    plug('up');
    const afterSixty = await watcher.firstAfter(Date.now(), 20_000);
    console.log(`cable out for 60 s: picture ${afterSixty} ms after it is in`);
    assert.ok(afterSixty < 10_000, `the picture came ${afterSixty} ms after the cable`);
    await assertWatchable(watcher);
    assert.equal((await camera.viewers()).length, 1);
  },
);

// SPDX-License-Identifier: Apache-2.0
// Browsers hide their addresses behind ".local" names. Here their own checks are kept out until the
// camera has sent one, as by a firewall in front of the camera; so a picture proves that the camera
// has found the address behind the name.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';

import { launchChromium, launchFirefox, probe } from './browsers.mjs';
import { Ocellus } from './ocellus.mjs';

const port = '18555';

const filter = (action, ...rule) => {
  for (const program of ['iptables', 'ip6tables']) {
    execFileSync(program, [action, 'INPUT', ...rule, '-j', 'DROP']);
  }
};
const firewall = ['-p', 'udp', '--dport', port, '-m', 'conntrack', '--ctstate', 'NEW'];
const noTcp = ['-p', 'tcp', '--dport', port];
const noMdns = ['-p', 'udp', '--dport', '5353'];

let camera;
before(async () => {
  filter('-A', ...firewall);
  filter('-A', ...noTcp);
  camera = await Ocellus.start(['--http-port', '18080', '--udp-port', port]);
});
after(async () => {
  await camera?.stop();
});

// UDP ports that the program itself has open.
const openPorts = () => execFileSync('ss', ['-Huanp']).toString().split('\n')
  .filter((line) => line.includes(`pid=${camera.child.pid},`))
  .map((line) => /:(\d+)\s/.exec(line)[1]);

async function open(browser) {
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(probe);
  await page.goto(camera.url);
  return page;
}

for (const [name, launch] of [['Chromium', launchChromium], ['Firefox', launchFirefox]]) {
  test(`the camera finds ${name} behind its .local name`, async () => {
    const browser = await launch();
    try {
      const page = await open(browser);
      const firstPicture = await page.evaluate(() => window.probe.firstPicture(10_000));
      console.log(`${name}: answer to first shown frame: ${firstPicture.toFixed(1)} ms`);
      const offer = await page.evaluate(() => window.ocellus.pc.localDescription.sdp);
      assert.match(offer, /a=candidate:.*\.local \d+ typ host/);
      assert.doesNotMatch(offer, /a=candidate:.* 10\.99\./);
      const [viewer] = (await camera.status()).viewers;
      assert.equal(viewer.path.remote_type, 'host');
    } finally {
      await browser.close();
    }
  });
}

test('without multicast DNS it does not, which shows that the firewall holds', async () => {
  filter('-A', ...noMdns);
  const browser = await launchChromium();
  try {
    const page = await open(browser);
    await page.waitForFunction(() => /No media path to the camera/.test(document.body.innerText),
      { timeout: 15_000 });
    // A name that is not found is asked for again with the next session.
    filter('-D', ...noMdns);
    await page.evaluate(() => window.probe.firstPicture(20_000));
  } finally {
    await browser.close();
  }
});

test('the port of multicast DNS is open only while a name is asked for', async () => {
  for (let attempt = 0; attempt < 100 && openPorts().includes('5353'); attempt++) {
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  assert.deepEqual([...new Set(openPorts())], [port]);
});

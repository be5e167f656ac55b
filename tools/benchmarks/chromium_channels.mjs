// SPDX-License-Identifier: Apache-2.0
// How fast data goes to and from Chromium on one reliable channel, with and without loss: prints lines
// of name and megabytes a second. To be run by tests/interop/in_network.
import { launchChromium } from '../../tests/interop/browsers.mjs';
import { Line } from '../../tests/interop/data_channels.mjs';

// Loss in percent, and megabytes to Chromium and from it, whose window is small when packets are lost.
const loads = [
  { loss: 0, to: 100, from: 100 }, { loss: 1, to: 50, from: 20 }, { loss: 5, to: 50, from: 5 },
];

function report(name, megabytes, { bytes, milliseconds }) {
  if (bytes !== megabytes * 1_000_000) throw new Error(`${name}: ${bytes} bytes`);
  console.log(`${name} ${(bytes / 1000 / milliseconds).toFixed(2)}`);
}

const browser = await launchChromium(['--disable-features=WebRtcHideLocalIpsWithMdns']);
try {
  for (const { loss, to, from } of loads) {
    const line = await Line.connect(browser, (page) => page.evaluate(() => window.lab.open('sink')));
    try {
      await line.untilOpen('sink');
      line.talk.do('lose', { percent: loss, seed: 1 });
      report(`to_${loss}`, to, await line.lab('drain', `source:${to * 1_000_000}`, to * 1_000_000));
      report(`from_${loss}`, from, await line.lab('fill', 'sink', from * 1_000_000));
    } finally {
      await line.end();
    }
  }
} finally {
  await browser.close();
}

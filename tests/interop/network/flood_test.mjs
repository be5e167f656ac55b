// SPDX-License-Identifier: Apache-2.0
// Checklist 10, for real: 10,000 forged binding requests a second beside somebody who watches.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { mediaPort } from './laboratory.mjs';
import { assertWatchable, laboratoryTest, watch } from './scene.mjs';

const perSecond = 10_000;
const seconds = 6;

// CPU time of a process so far, in seconds: utime and stime of /proc/PID/stat, in ticks of 10 ms.
function cpuTime(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

laboratoryTest(
  '10,000 forged binding requests a second do not disturb who watches',
  {},
  async (scene) => {
    const { camera, watcher } = await watch(scene);
    const { host, program } = camera;
    const { pid } = program.child;
    await sleep(1_000);
    const cpuBefore = cpuTime(pid);
    await sleep(3_000);
    const quiet = (cpuTime(pid) - cpuBefore) / 3;

    const ufrag = await watcher.page.evaluate(
      () => /a=ice-ufrag:(\S+)/.exec(window.ocellus.pc.remoteDescription.sdp)[1],
    );
    const bytesIn = host.count('input', `iifname "lo" udp dport ${mediaPort}`);
    const bytesOut = host.count('output', `oifname "lo" udp sport ${mediaPort}`);
    await watcher.record();
    const cpuAtStart = cpuTime(pid);
    const {
      sent,
      seconds: took,
      received,
    } = await host.script(new URL('./flood.mjs', import.meta.url), [
      mediaPort,
      perSecond,
      seconds,
      ufrag,
    ]);
    const flooded = (cpuTime(pid) - cpuAtStart) / took;
    const gap = await watcher.longestGap();

    const [arrived, answered] = [bytesIn(), bytesOut()];
    console.log(
      `${sent} requests in ${took.toFixed(1)} s, ${arrived.packets} arrived, ` +
        `${received} answers; longest gap ${gap} ms; the camera's CPU ` +
        `${(100 * quiet).toFixed(0)} % before, ${(100 * flooded).toFixed(0)} % meanwhile`,
    );
    assert.ok(
      sent / took > 0.95 * perSecond,
      `only ${(sent / took).toFixed(0)} a second were sent`,
    );
    assert.ok(arrived.packets >= 0.95 * sent, `only ${arrived.packets} of ${sent} arrived`);
    assert.ok(
      answered.bytes <= arrived.bytes,
      `${answered.bytes} bytes out for ${arrived.bytes} in`,
    );
    assert.ok(gap < 200, `${gap} ms without a picture`);
    await assertWatchable(watcher);
    assert.equal((await camera.viewers()).length, 1);
  },
);

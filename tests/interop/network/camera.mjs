// SPDX-License-Identifier: Apache-2.0
// The program under test on the laboratory's camera.
import { setTimeout as sleep } from 'node:timers/promises';

import { Ocellus, program } from '../ocellus.mjs';
import { turnSecret } from './coturn.mjs';
import { httpPort, mediaPort } from './laboratory.mjs';

export class Camera {
  // It knows the STUN server, the TURN servers at `turn` (URLs) and their shared secret.
  static async start(laboratory, coturn, { turn = [coturn.udpUrl], flags = [] } = {}) {
    const camera = new Camera(laboratory.camera);
    const servers =
      turn.length === 0 ? [] : ['--turn-servers', turn.join(','), '--ca-file', coturn.caFile];
    camera.program = await Ocellus.startBy(
      laboratory.camera.spawn.bind(laboratory.camera),
      [
        '--http-port',
        `${httpPort}`,
        '--udp-port',
        `${mediaPort}`,
        '--stun-servers',
        coturn.stunUrl,
        ...servers,
        ...flags,
      ],
      turn.length === 0 ? {} : { OCELLUS_TURN_SECRET: turnSecret },
    );
    await camera.#settled();
    return camera;
  }

  // Prints what `ocellus --check-network` finds on the laboratory's camera.
  static checkNetwork(laboratory, coturn, { turn = [coturn.udpUrl] } = {}) {
    const words =
      turn.length === 0 ? [] : ['--turn-servers', turn.join(','), '--ca-file', coturn.caFile];
    return laboratory.camera.run('env', [
      `OCELLUS_TURN_SECRET=${turnSecret}`,
      program,
      '--check-network',
      '--udp-port',
      `${mediaPort}`,
      '--stun-servers',
      coturn.stunUrl,
      ...words,
    ]);
  }

  // A camera has been running for long when somebody comes: each server has answered, or has been
  // given up.
  async #settled() {
    for (;;) {
      const { network } = await this.status();
      if (network.servers.every(({ state }) => !['resolving', 'connecting'].includes(state)))
        return;
      await sleep(100);
    }
  }

  constructor(host) {
    this.host = host;
  }

  // Asked on the camera itself, so that no cable needs to be in.
  status() {
    return this.host.fetchJson(`http://127.0.0.1:${httpPort}/status`);
  }

  // The viewers that it serves; there is one place for each.
  async viewers() {
    return (await this.status()).viewers;
  }

  stop() {
    return this.program.stop();
  }
}

// SPDX-License-Identifier: Apache-2.0
// The program under test on the laboratory's camera.
import { setTimeout as sleep } from 'node:timers/promises';

import { adminToken, Ocellus, program } from '../ocellus.mjs';
import { turnSecret } from './coturn.mjs';
import { httpPort, mediaPort } from './laboratory.mjs';

// What the camera knows of servers: the STUN server, the TURN servers at `turn` (URLs), and the
// secret that it shares with these.
function serverSettings(coturn, { stun = [coturn.stunUrl], turn = [coturn.udpUrl] } = {}) {
  const flags = [];
  if (stun.length > 0) flags.push('--stun-servers', stun.join(','));
  if (turn.length > 0) flags.push('--turn-servers', turn.join(','), '--ca-file', coturn.caFile);
  return { flags, environment: turn.length > 0 ? { OCELLUS_TURN_SECRET: turnSecret } : {} };
}

export class Camera {
  // `options`: {stun, turn, flags}; all are optional.
  static async start(laboratory, coturn, options = {}) {
    const camera = new Camera(laboratory.camera);
    const { flags, environment } = serverSettings(coturn, options);
    camera.program = await Ocellus.startBy(
      laboratory.camera.spawn.bind(laboratory.camera),
      [
        ...['--http-port', `${httpPort}`, '--udp-port', `${mediaPort}`],
        ...flags,
        ...(options.flags ?? []),
      ],
      environment,
    );
    await camera.#settled();
    return camera;
  }

  // What `ocellus --check-network` prints on the laboratory's camera.
  static checkNetwork(laboratory, coturn, options = {}) {
    const { flags, environment } = serverSettings(coturn, options);
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    return laboratory.camera.run('env', [
      ...variables,
      program,
      '--check-network',
      ...['--udp-port', `${mediaPort}`],
      ...flags,
    ]);
  }

  constructor(host) {
    this.host = host;
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

  // As the admin sees it. Asked on the camera itself, so that no cable needs to be in.
  status() {
    return this.host.fetchJson(`http://127.0.0.1:${httpPort}/status`, adminToken);
  }

  // The viewers that it serves; there is one place for each.
  async viewers() {
    return (await this.status()).viewers;
  }

  stop() {
    return this.program.stop();
  }
}

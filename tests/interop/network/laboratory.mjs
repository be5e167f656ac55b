// SPDX-License-Identifier: Apache-2.0
// The networks that the tests run in, made of hosts, cables and routers:
//
//   camera ---- cameraRouter ---.
//    192.168.1.2   203.0.113.2  |
//    2001:db8:1::2              +--- server (coturn; the switch is here, and is the internet)
//                               |     203.0.113.9, 203.0.113.10, 2001:db8::9
//   viewer ---- viewerRouter ---'
//    192.168.2.2   203.0.113.3
//    2001:db8:2::2
//
// or, without routers, camera (203.0.113.11) and viewer (203.0.113.12) at the server's switch. All
// addresses are those for documentation (RFC 5737, RFC 3849) and for homes (RFC 1918).
import { setTimeout as sleep } from 'node:timers/promises';

import { connect, Host, makeSwitch } from './host.mjs';
import { routerRules } from './nat.mjs';

export const httpPort = 8080;
export const mediaPort = 8555;
export const serverName = 'turn.example';

const internet = {
  IPv4: {
    server: ['203.0.113.9', '203.0.113.10'],
    elsewhere: '203.0.113.254',
    router: (site) => `203.0.113.${1 + site}`,
  },
  IPv6: {
    server: ['2001:db8::9', '2001:db8::10'],
    elsewhere: '2001:db8::fe',
    router: (site) => `2001:db8::${1 + site}`,
  },
};
const prefixLength = { IPv4: 24, IPv6: 64 };
const lan = {
  IPv4: (site, number) => `192.168.${site}.${number}`,
  IPv6: (site, number) => `2001:db8:${site}::${number}`,
};

function letForward(host) {
  host.setting('net.ipv4.ip_forward', 1);
  host.setting('net.ipv4.conf.all.send_redirects', 0);
  host.setting('net.ipv6.conf.all.forwarding', 1);
}

export class Laboratory {
  hosts = [];

  // Two homes, each behind a router, and the server between them. `camera` and `viewer` are what
  // nat.mjs knows of routers: {kind, forward, blocked}. Of the camera's router, HTTP's port is
  // always forwarded.
  static twoHomes({ camera, viewer, family = 'IPv4' }) {
    const laboratory = new Laboratory(family);
    const forward = [httpPort, ...(camera.forward ?? [])];
    laboratory.camera = laboratory.#addHome('camera', 1, { ...camera, forward });
    laboratory.viewer = laboratory.#addHome('viewer', 2, viewer);
    const httpHost = camera.kind === 'none' ? lan[family](1, 2) : internet[family].router(1);
    laboratory.#publish(httpHost);
    return laboratory;
  }

  // Camera, viewer and server at one switch, without anything in between.
  static oneLan() {
    const laboratory = new Laboratory('IPv4');
    laboratory.camera = laboratory.#addNeighbour('camera', 11);
    laboratory.viewer = laboratory.#addNeighbour('viewer', 12);
    laboratory.#publish('203.0.113.11');
    return laboratory;
  }

  constructor(family) {
    this.family = family;
    this.serverAddresses = internet[family].server;
    this.server = this.addHost('server');
    letForward(this.server);
    makeSwitch(
      this.server,
      'internet',
      this.serverAddresses.map((address) => this.#withPrefix(address)),
    );
    // The rest of the internet, which answers nothing. A server without a way there would be told
    // so by its kernel, and coturn ends a session at that.
    const elsewhere = internet[family].elsewhere;
    this.server.ip(`neighbour add ${elsewhere} lladdr 02:00:00:00:00:01 dev internet`);
    this.server.ip(`route add default via ${elsewhere}`);
  }

  addHost(name) {
    const host = new Host(name);
    this.hosts.push(host);
    return host;
  }

  // A second way from the camera to the internet, at "second", behind a router of its own. What
  // comes from its address leaves through it, as every multi-homed host is set up; all else leaves
  // through the first.
  addSecondUplink(router) {
    const site = 3;
    const address = lan[this.family](site, 2);
    this.secondRouter = this.#addRouter(
      'secondRouter',
      site,
      { ...router, forward: [httpPort] },
      {
        host: this.camera,
        name: 'second',
      },
    );
    this.camera.ip(`route add default via ${lan[this.family](site, 1)} dev second table 3`);
    this.camera.ip(`rule add from ${address} table 3`);
    this.#publish(internet[this.family].router(site));
  }

  // Resolves when packets can go everywhere.
  async ready() {
    const end = Date.now() + 5_000;
    for (;;) {
      const unready = this.hosts.flatMap((host) => host.unready());
      if (unready.length === 0) return;
      if (Date.now() > end) throw new Error(`Not ready within 5 s: ${unready.join(', ')}`);
      await sleep(50);
    }
  }

  // Gives a router other rules. What it remembers of connections stays.
  setRouter(router, rules) {
    router.rules = { ...router.rules, ...rules };
    router.filter(routerRules(router.rules));
  }

  async close() {
    await Promise.all(this.hosts.map((host) => host.close()));
  }

  #withPrefix(address) {
    return `${address}/${prefixLength[this.family]}`;
  }

  #publish(host) {
    this.httpUrl = `http://${this.family === 'IPv6' ? `[${host}]` : host}:${httpPort}`;
  }

  #plugIntoInternet(host, name, address) {
    connect(
      { host: this.server, name: host.name, addresses: [] },
      { host, name, addresses: [this.#withPrefix(address)] },
    );
    this.server.ip(`link set ${host.name} master internet`);
  }

  #addNeighbour(name, number) {
    const host = this.addHost(name);
    const address = `203.0.113.${number}`;
    this.#plugIntoInternet(host, 'lan', address);
    host.ip(`route add default via ${this.serverAddresses[0]}`);
    return host;
  }

  #addHome(name, site, rules) {
    const host = this.addHost(name);
    this[`${name}Router`] = this.#addRouter(`${name}Router`, site, rules, { host, name: 'lan' });
    host.ip(`route add default via ${lan[this.family](site, 1)}`);
    return host;
  }

  #addRouter(name, site, rules, inside) {
    const { family } = this;
    const router = this.addHost(name);
    const insideAddress = lan[family](site, 2);
    letForward(router);
    connect(
      { host: router, name: 'lan', addresses: [this.#withPrefix(lan[family](site, 1))] },
      { ...inside, addresses: [this.#withPrefix(insideAddress)] },
    );
    const outside = internet[family].router(site);
    this.#plugIntoInternet(router, 'wan', outside);
    router.ip(`route add default via ${this.serverAddresses[0]}`);
    // Without NAT the others must know the way in.
    if (rules.kind === 'none')
      this.server.ip(`route add ${lan[family](site, 0)}/${prefixLength[family]} via ${outside}`);
    this.setRouter(router, { host: insideAddress, ...rules });
    return router;
  }
}

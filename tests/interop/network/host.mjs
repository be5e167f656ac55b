// SPDX-License-Identifier: Apache-2.0
// A host of a laboratory network: a network namespace with its own interfaces, routes and packet
// filter. Programs run in it; it ends with the namespaces of tests/interop/in_network, or earlier,
// by close().
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const namespaces = '/run/netns';

function run(command, args, input) {
  try {
    return execFileSync(command, args, {
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    throw new Error(`${[command, ...args].join(' ')}: ${error.stderr?.trim() || error.message}`);
  }
}

// Namespaces have names in a folder of the file system. in_network has given us mounts of our own,
// so those names are seen here only.
function hideNamesFromTheMachine() {
  if (process.env.INTEROP_NETWORK_MADE !== '1') {
    throw new Error('Run this by tests/interop/in_network: it changes the network that it finds');
  }
  if (existsSync(`${namespaces}/.laboratory`)) return;
  mkdirSync(namespaces, { recursive: true });
  run('mount', ['-t', 'tmpfs', 'laboratory', namespaces]);
  mkdirSync(`${namespaces}/.laboratory`);
}

// Why hosts and routers cannot be made here, or undefined when they can: some kernels have no veth,
// no bridge or no NAT, and some sandboxes do not let even root have them.
export function whatIsMissing() {
  const host = new Host('trial');
  try {
    connect({ host, name: 'here' }, { host, name: 'there' });
    makeSwitch(host, 'switch');
    host.filter(`table ip nat {
      chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        oifname "here" masquerade random,fully-random
      }
    }`);
    return undefined;
  } catch (error) {
    return error.message;
  } finally {
    host.delete();
  }
}

export class Host {
  #children = new Set();

  constructor(name) {
    hideNamesFromTheMachine();
    this.name = name;
    run('ip', ['netns', 'add', name]);
    // Addresses are usable at once: nobody else has them.
    for (const which of ['all', 'default']) this.setting(`net.ipv6.conf.${which}.accept_dad`, 0);
    this.ip('link set lo up');
  }

  // The words before a program's own that make it run here. They become the program (exec), so its
  // pid is the child's.
  get prefix() {
    return ['nsenter', `--net=${namespaces}/${this.name}`, '--'];
  }

  // ip(8), as in host.ip('address add 192.0.2.1/24 dev lan').
  ip(command) {
    return run('ip', ['-n', this.name, ...command.split(' ')]);
  }

  // What the kernel, which takes up to a second for it, has not made ready yet: interfaces whose
  // cable it has not noticed, and addresses that it will not use.
  unready() {
    const isReady = ({ operstate, addr_info: addresses }) =>
      ['UP', 'UNKNOWN'].includes(operstate) && addresses.every(({ tentative }) => !tentative);
    return JSON.parse(run('ip', ['-n', this.name, '-j', 'address']))
      .filter((link) => !isReady(link))
      .map(({ ifname }) => `${ifname} on ${this.name}`);
  }

  // Replaces all rules of the packet filter.
  filter(ruleset) {
    this.run('nft', ['-f', '-'], `flush ruleset\n${ruleset}`);
  }

  setting(name, value) {
    this.run('sysctl', ['-qw', `${name}=${value}`]);
  }

  // Runs a program to its end; returns what it printed.
  run(command, args = [], input = undefined) {
    const [first, ...words] = [...this.prefix, command, ...args];
    return run(first, words, input);
  }

  // Starts a program; close() kills it, if it is still there.
  spawn(command, args = [], options = {}) {
    const [first, ...words] = [...this.prefix, command, ...args];
    const child = spawn(first, words, options);
    this.#children.add(child);
    child.on('exit', () => this.#children.delete(child));
    return child;
  }

  // Runs a script of ours with this Node; resolves to the JSON that it prints.
  async script(url, args = []) {
    const child = this.spawn(process.execPath, [fileURLToPath(url), ...args.map(String)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (data) => {
      printed += data;
    });
    const [code] = await once(child, 'close');
    if (code !== 0)
      throw new Error(`${path.basename(url.pathname)} ended with ${code} on ${this.name}`);
    return JSON.parse(printed);
  }

  // GET with the token from this host, whatever the way to there is; resolves to the body as JSON.
  fetchJson(url, token) {
    return this.script(new URL('./fetch.mjs', import.meta.url), [url, token]);
  }

  // Counts packets that match (nftables' words), on their way "input", "output" or "forward":
  // returns a function that reads {packets, bytes} so far.
  count(way, match) {
    const counter = `counter_${Host.#counters++}`;
    this.run(
      'nft',
      ['-f', '-'],
      `
      table inet ${counter} {
        counter seen {}
        chain watch {
          type filter hook ${way} priority -150; policy accept;
          ${match} counter name seen
        }
      }`,
    );
    return () => {
      const { nftables } = JSON.parse(
        this.run('nft', ['-j', 'list', 'counters', 'table', 'inet', counter]),
      );
      const { packets, bytes } = nftables.find((entry) => entry.counter).counter;
      return { packets, bytes };
    };
  }

  static #counters = 0;

  async close() {
    await Promise.all(
      [...this.#children].map((child) => {
        child.kill('SIGKILL');
        return once(child, 'exit');
      }),
    );
    this.delete();
  }

  delete() {
    run('ip', ['netns', 'delete', this.name]);
  }
}

// A cable: an interface on either host. Each end is {host, name, addresses}; an address comes with
// its prefix length.
export function connect(...ends) {
  const [here, there] = ends;
  run('ip', [
    'link',
    'add',
    'name',
    here.name,
    'netns',
    here.host.name,
    'type',
    'veth',
    'peer',
    'name',
    there.name,
    'netns',
    there.host.name,
  ]);
  for (const { host, name, addresses = [] } of ends) {
    for (const address of addresses) {
      host.ip(`address add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`);
    }
    host.ip(`link set ${name} up`);
  }
}

// A switch in `host`, which has `addresses` on it itself.
export function makeSwitch(host, name, addresses = []) {
  host.ip(`link add ${name} type bridge`);
  host.ip(`link set ${name} up`);
  for (const address of addresses) {
    host.ip(`address add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`);
  }
}

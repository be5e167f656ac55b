// SPDX-License-Identifier: Apache-2.0
// coturn: STUN with two addresses (RFC 5780), and TURN over UDP, TCP and TLS with time-limited
// credentials from a shared secret.
import { execFileSync } from 'node:child_process';
import { createHash, createHmac, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { serverName } from './laboratory.mjs';

export const turnSecret = 'the north wind and the sun';
export const turnPort = 3478;
export const turnsPort = 5349;

// An authority of our own, and the server's certificate from it.
async function makeCertificates(directory) {
  const file = (name) => path.join(directory, name);
  const openssl = (words, more) =>
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        ...words.split(' '),
        ...more,
      ],
      { stdio: 'pipe' },
    );
  openssl('-subj /CN=Laboratory', ['-keyout', file('ca.key'), '-out', file('ca.pem')]);
  openssl(
    `-subj /CN=${serverName} -addext subjectAltName=DNS:${serverName} ` +
      '-addext basicConstraints=critical,CA:FALSE',
    [
      '-CA',
      file('ca.pem'),
      '-CAkey',
      file('ca.key'),
      '-keyout',
      file('key.pem'),
      '-out',
      file('cert.pem'),
    ],
  );
}

// What it lets in until `seconds` from now: draft-uberti-behave-turn-rest-00 section 2.2.
export function timeLimitedCredentials(name, seconds = 600) {
  const username = `${Math.floor(Date.now() / 1000) + seconds}:${name}`;
  return { username, credential: createHmac('sha1', turnSecret).update(username).digest('base64') };
}

export class Coturn {
  mounted = [];

  // Starts it on the laboratory's server.
  static async start(laboratory) {
    const directory = await mkdtemp(path.join(tmpdir(), 'ocellus-coturn-'));
    await makeCertificates(directory);
    const coturn = new Coturn(laboratory, directory);
    await coturn.#nameTheServer();
    const certificate = new X509Certificate(await readFile(path.join(directory, 'cert.pem')));
    coturn.keyDigest = createHash('sha256')
      .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64');
    await coturn.startAgain();
    return coturn;
  }

  constructor(laboratory, directory) {
    this.host = laboratory.server;
    this.addresses = laboratory.serverAddresses;
    this.directory = directory;
    this.caFile = path.join(directory, 'ca.pem');
    const [address] = this.addresses;
    const host = address.includes(':') ? `[${address}]` : address;
    this.stunUrl = `stun:${host}:${turnPort}`;
    this.udpUrl = `turn:${host}:${turnPort}?transport=udp`;
    this.tcpUrl = `turn:${host}:${turnPort}?transport=tcp`;
    this.tlsUrl = `turns:${serverName}:${turnsPort}?transport=tcp`;
  }

  // Everything in the laboratory finds the server's name in /etc/hosts; there is no DNS server, and
  // all are told so at once. in_network's mounts are ours.
  async #nameTheServer() {
    const files = {
      hosts: `127.0.0.1 localhost\n${this.addresses[0]} ${serverName}\n`,
      'resolv.conf': 'nameserver 127.0.0.1\n',
    };
    for (const [name, text] of Object.entries(files)) {
      const ours = path.join(this.directory, name);
      await writeFile(ours, text);
      execFileSync('mount', ['--bind', ours, `/etc/${name}`]);
      this.mounted.push(`/etc/${name}`);
    }
  }

  async startAgain() {
    const file = (name) => path.join(this.directory, name);
    this.log = '';
    this.child = this.host.spawn(
      'turnserver',
      [
        '-n',
        '--no-cli',
        '--verbose',
        '--simple-log',
        '--log-file',
        'stdout',
        '--no-software-attribute',
        '--pidfile',
        file('pid'),
        '--userdb',
        file('users'),
        '--realm',
        'laboratory.example',
        ...this.addresses.flatMap((address) => ['--listening-ip', address]),
        '--relay-ip',
        this.addresses[0],
        '--min-port',
        '50000',
        '--max-port',
        '50999',
        '--listening-port',
        turnPort,
        '--tls-listening-port',
        turnsPort,
        '--cert',
        file('cert.pem'),
        '--pkey',
        file('key.pem'),
        '--fingerprint',
        '--use-auth-secret',
        '--static-auth-secret',
        turnSecret,
      ].map(String),
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (data) => {
        this.log += data;
      });
    }
    try {
      await this.host.script(new URL('./nat_probe.mjs', import.meta.url), [
        this.addresses[0],
        turnPort,
      ]);
    } catch (error) {
      throw new Error(`coturn does not answer: ${error.message}\n${this.log}`);
    }
  }

  // Without a goodbye, as a power cut would.
  async kill() {
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  async stop() {
    if (this.child?.exitCode === null && this.child.signalCode === null) await this.kill();
    for (const name of this.mounted) execFileSync('umount', [name]);
    await rm(this.directory, { recursive: true, force: true });
  }
}

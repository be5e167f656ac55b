// SPDX-License-Identifier: Apache-2.0
// Starts the program under test and stops it by its pid.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

// The program: build/<preset>/ocellus, as CTest passes it.
export const program = process.env.INTEROP_PROGRAM ?? 'build/release/ocellus';

// Who shows them may do everything, or watch.
export const adminToken = 'interop-admin-token';
export const viewerToken = 'interop-viewer-token';

export class Ocellus {
  // `flags` come after the defaults: test pattern, loopback allowed, ports 8080 and 8555.
  static start(flags = []) {
    return Ocellus.startBy(spawn, ['--loopback-candidates', ...flags]);
  }

  // `starter` is spawn of node:child_process, or of a host of the laboratory.
  static async startBy(starter, flags, environment = {}) {
    const stateDirectory = await mkdtemp(path.join(tmpdir(), 'ocellus-interop-'));
    const child = starter(program,
      // At home nobody needs a token.
      ['--source', 'test-pattern', '--open', '--state-dir', stateDirectory, ...flags],
      {
        env: {
          ...process.env,
          OCELLUS_ADMIN_TOKEN: adminToken,
          OCELLUS_VIEWER_TOKEN: viewerToken,
          ...environment,
        },
      });
    const ocellus = new Ocellus(child, stateDirectory);
    await ocellus.#live();
    return ocellus;
  }

  constructor(child, stateDirectory) {
    this.child = child;
    this.stateDirectory = stateDirectory;
    this.log = '';
    this.exited = new Promise((resolve) => child.on('exit', (code) => resolve(code)));
    child.stderr.on('data', (data) => { this.log += data; });
  }

  #live() {
    return new Promise((resolve, reject) => {
      let printed = '';
      this.child.stdout.on('data', (data) => {
        printed += data;
        const port = /is live: \S+:(\d+)\/\n/.exec(printed)?.[1];
        if (port) {
          // 127.0.0.1 is a secure context, so the page has WebCodecs to read pictures with.
          this.url = `http://127.0.0.1:${port}`;
          resolve();
        }
      });
      this.child.on('error', reject);
      this.child.on('exit', (code) => {
        reject(new Error(`ocellus ended with ${code} before it was live:\n${this.log}`));
      });
    });
  }

  // As the admin sees it.
  async status() {
    const headers = { Authorization: `Bearer ${adminToken}` };
    return (await fetch(`${this.url}/status`, { headers })).json();
  }

  // Ends it with SIGTERM; resolves to its exit code.
  async stop() {
    this.child.kill('SIGTERM');
    const code = await this.exited;
    await rm(this.stateDirectory, { recursive: true, force: true });
    return code;
  }
}

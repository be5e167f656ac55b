// SPDX-License-Identifier: Apache-2.0
// A peer of ours with data channels that does as it is told: tools/benchmarks/talk.cc, where the
// commands and events are described.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const program = process.env.INTEROP_TALK ?? 'build/bench/tools/benchmarks/bench_talk';

export class Talk {
  // `address` is one of this host's.
  constructor(address = '10.99.0.1') {
    this.#child = spawn(program, [address], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.events.push(JSON.parse(line));
      this.#wake();
    });
    this.exited = new Promise((resolve) => { this.#child.on('exit', resolve); });
    this.exited.then(() => this.#wake());
  }

  // All that was printed.
  events = [];
  #child;
  #waiting = [];

  #wake() {
    for (const look of this.#waiting.splice(0)) look();
  }

  do(what, details = {}) {
    this.#child.stdin.write(`${JSON.stringify({ do: what, ...details })}\n`);
  }

  // The events whose members are as in `wanted`.
  all(wanted) {
    return this.events.filter((event) =>
      Object.entries(wanted).every(([name, value]) => event[name] === value));
  }

  // The first `count` of them, for which there are `limit` milliseconds.
  async wait(wanted, { count = 1, limit = 15_000 } = {}) {
    const deadline = Date.now() + limit;
    for (;;) {
      const found = this.all(wanted);
      if (found.length >= count) return count === 1 ? found[0] : found.slice(0, count);
      const left = deadline - Date.now();
      if (left <= 0 || this.#child.exitCode !== null) {
        throw new Error(`${found.length} of ${count} ${JSON.stringify(wanted)} among `
          + JSON.stringify(this.events.slice(-20)));
      }
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting.push(() => { clearTimeout(timer); resolve(); });
      });
    }
  }

  // The answer to `offer`.
  async answer(offer) {
    this.do('answer', { sdp: offer });
    return (await this.wait({ event: 'answer' })).sdp;
  }

  // As a "camera" or, with data channels alone, a "viewer".
  async offer(as) {
    this.do('offer', { as });
    return (await this.wait({ event: 'offer' })).sdp;
  }

  // The id of a channel of its own.
  async open(options) {
    this.do('open', options);
    return (await this.wait({ event: 'opening', label: options.label })).id;
  }

  // What it counts now.
  async stats() {
    const { length } = this.all({ event: 'stats' });
    this.do('stats');
    const stats = await this.wait({ event: 'stats' }, { count: length + 1 });
    return length === 0 ? stats : stats.at(-1);
  }

  async stop() {
    this.#child.stdin.end();
    await this.exited;
  }
}

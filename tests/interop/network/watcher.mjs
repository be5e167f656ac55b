// SPDX-License-Identifier: Apache-2.0
// Chromium on the laboratory's viewer, as a person there would run it: local addresses hidden
// behind .local names, nothing told about servers but by the camera.
import { setTimeout as sleep } from 'node:timers/promises';

import puppeteer from 'puppeteer-core';

import { chromiumFlags, chromiumPath, openViewer, viewport } from '../browsers.mjs';
import { viewerToken } from '../ocellus.mjs';

export class Watcher {
  // It trusts the certificate of `coturn`.
  static async start(laboratory, coturn, host = laboratory.viewer) {
    const watcher = new Watcher();
    // The laboratory is no home: its addresses are those of the Internet.
    watcher.url = `${laboratory.httpUrl}/#token=${viewerToken}`;
    const [command, ...words] = [...host.prefix, chromiumPath];
    watcher.browser = await puppeteer.launch({
      executablePath: `/usr/bin/${command}`,
      pipe: true, // Sockets would not reach into another host.
      ignoreDefaultArgs: true,
      args: [
        ...words,
        ...puppeteer.defaultArgs({ headless: true, args: chromiumFlags }),
        // For WebCodecs, with which the probe reads pictures.
        `--unsafely-treat-insecure-origin-as-secure=${laboratory.httpUrl}`,
        `--ignore-certificate-errors-spki-list=${coturn.keyDigest}`,
      ],
      defaultViewport: viewport,
    });
    return watcher;
  }

  // Opens the camera's page, and closes the one before. Resolves, with the milliseconds since then,
  // once a picture is shown; from there on pictures are recorded.
  async open(limit = 15_000) {
    await this.page?.close();
    const asked = Date.now();
    ({ page: this.page } = await openViewer(this.browser, this.url, limit));
    const waited = Date.now() - asked;
    await this.record();
    return waited;
  }

  async record() {
    this.recordedFrom = Date.now();
    await this.page.evaluate(() => window.probe.record());
  }

  // When pictures were shown since record(), in milliseconds of Date.now().
  async #shown() {
    return this.page.evaluate(() => window.probe.recorded.map(({ at }) => at));
  }

  // The longest time without a new picture since record(), up to now.
  async longestGap() {
    const times = [this.recordedFrom, ...(await this.#shown()), Date.now()];
    return Math.max(...times.slice(1).map((time, i) => time - times[i]));
  }

  // How long after `time` the first picture was shown. Waits for it up to `limit`.
  async firstAfter(time, limit) {
    for (;;) {
      const first = (await this.#shown()).find((at) => at > time);
      if (first !== undefined) return first - time;
      if (Date.now() > time + limit) {
        const { state, reason } = await this.page.evaluate(() => ({
          state: window.ocellus.state,
          reason: window.ocellus.reason,
        }));
        throw new Error(`no picture within ${limit} ms; the page says: ${state}, ${reason}`);
      }
      await sleep(50);
    }
  }

  // Both ends of the way in use, as the browser sees them: {local, remote}, each with the fields of
  // RTCIceCandidateStats: candidateType, protocol, relayProtocol, address, port, url.
  async path() {
    return this.page.evaluate(async () => {
      const report = await window.ocellus.pc.getStats();
      const transport = [...report.values()].find(({ type }) => type === 'transport');
      const pair = report.get(transport.selectedCandidatePairId);
      const end = (id) => {
        const { candidateType, protocol, relayProtocol, address, port, url } = report.get(id);
        return { candidateType, protocol, relayProtocol, address, port, url };
      };
      return { local: end(pair.localCandidateId), remote: end(pair.remoteCandidateId) };
    });
  }

  async close() {
    await this.browser.close();
  }
}

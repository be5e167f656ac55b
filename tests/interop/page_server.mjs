// SPDX-License-Identifier: Apache-2.0
// Serves the viewer page as it stands in web/, and carries its offers to the camera of
// fake_camera.js, which lives in another page of the same browser. No program is needed:
//   node tests/interop/page_server.mjs     serves it with a browser of its own, to look at
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const WEB = fileURLToPath(new URL('../../web/', import.meta.url));
const FAKE_CAMERA = await readFile(new URL('./fake_camera.js', import.meta.url), 'utf8');
const TYPES = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml' };

// As firmware/signaling/http_front_end.cc says it.
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
  + "media-src 'self' blob: mediastream:; connect-src 'self'; base-uri 'none'; form-action 'none'";

const ROLES = { 'viewer-token': 'viewer', 'operator-token': 'operator', 'admin-token': 'admin' };

export class PageServer {
  // Who comes without a token; undefined: nobody may.
  openRole = 'viewer';
  hasDataChannels = true;
  cutOff = []; // For each load of the page, the file of it that ends half-way.

  static async start(browser, port = 0) {
    const server = new PageServer();
    // Camera page: of this origin, so that it is a secure context.
    server.#http = http.createServer((request, response) => {
      server.#serve(request, response).catch((error) => {
        response.writeHead(500).end(String(error));
      });
    });
    await new Promise((resolve) => { server.#http.listen(port, '127.0.0.1', resolve); });
    server.url = `http://127.0.0.1:${server.#http.address().port}/`;
    server.camera = await browser.newPage();
    server.camera.setDefaultTimeout(10_000);
    await server.camera.goto(`${server.url}camera`);
    await server.camera.evaluate(FAKE_CAMERA);
    return server;
  }

  #http;
  #sessions = 0;
  #broken; // What ends half-way in this load of the page.

  async stop() {
    await this.camera.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => { this.#http.close(resolve); });
  }

  async #serve(request, response) {
    const { pathname } = new URL(request.url, this.url);
    const role = this.#roleOf(request);
    if (pathname === '/camera') response.writeHead(200, { 'Content-Type': 'text/html' }).end('<title>Camera</title>');
    else if (pathname === '/status') this.#status(response);
    else if (pathname === '/whep') await this.#whep(request, response, role);
    else if (pathname.startsWith('/whep/')) await this.#session(request, response, pathname.slice(6));
    else {
      if (pathname === '/' && request.method === 'GET') this.#broken = this.cutOff.shift();
      await this.#file(response, pathname);
    }
  }

  #roleOf({ headers: { authorization } }) {
    return authorization ? ROLES[authorization.replace('Bearer ', '')] : this.openRole;
  }

  async #file(response, pathname) {
    const name = pathname === '/' ? 'index.html' : path.basename(pathname);
    try {
      const bytes = await readFile(path.join(WEB, name));
      response.writeHead(200, {
        'Content-Type': TYPES[path.extname(name)],
        'Content-Length': bytes.length,
        'Content-Security-Policy': POLICY,
        'Cache-Control': 'no-store',
      });
      if (name === this.#broken) response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
      else response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  }

  #status(response) {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({
      source: { error: '' }, network: { servers: [] }, viewers: [], viewer_count: 1, max_viewers: 50,
    }));
  }

  async #whep(request, response, role) {
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    const offer = await body(request);
    if (role === undefined) {
      response.writeHead(401, { 'Content-Type': 'application/problem+json' })
        .end(JSON.stringify({ detail: request.headers.authorization ? 'This token is wrong' : 'A token is needed' }));
      return;
    }
    const id = `s${++this.#sessions}`;
    const answer = await this.camera.evaluate(
      (...offered) => window.camera.answer(...offered), id, offer, role, this.hasDataChannels);
    response.writeHead(201, { 'Content-Type': 'application/sdp', Location: `/whep/${id}`, ETag: `"${id}"` })
      .end(answer);
  }

  async #session(request, response, id) {
    const fragment = await body(request);
    if (request.method === 'PATCH')
      await this.camera.evaluate((...what) => window.camera.addCandidates(...what), id, fragment);
    if (request.method === 'DELETE') await this.camera.evaluate((what) => window.camera.hangUp(what), id);
    response.writeHead(request.method === 'PATCH' ? 204 : 200).end();
  }
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

// Flags of a browser in which both pages run on, and find each other without mDNS.
export const bothPagesFlags = [
  '--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding', '--disable-features=WebRtcHideLocalIpsWithMdns',
];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { launchChromium } = await import('./browsers.mjs');
  const server = await PageServer.start(await launchChromium(bothPagesFlags), 8099);
  console.log(`The page is at ${server.url}; a role is at #token=viewer-token, operator-token or admin-token.`);
}

// SPDX-License-Identifier: Apache-2.0
// A long way between a page and the camera on one machine: UDP goes through a relay that keeps each
// datagram for half a round trip, and so do the offer and its answer. The offer has the candidates in
// it, as where the page waits for them.
import dgram from 'node:dgram';

const HOST = '10.99.0.1';

function bind() {
  return new Promise((resolve) => {
    const socket = dgram.createSocket('udp4');
    socket.bind(0, HOST, () => resolve(socket));
  });
}

// `sdp` with one candidate in place of all of its own.
function withCandidate(sdp, port) {
  const lines = sdp.split('\r\n').filter(
    (line) => !/^a=(candidate|end-of-candidates)/.test(line));
  const at = lines.findIndex((line) => line.startsWith('a=ice-pwd'));
  lines.splice(at + 1, 0, `a=candidate:1 1 udp 2122260223 ${HOST} ${port} typ host`);
  return lines.join('\r\n');
}

function candidatePort(sdp) {
  const found = new RegExp(`^a=candidate:\\S+ 1 udp \\d+ ${HOST.replaceAll('.', '\\.')} (\\d+) `, 'mi');
  return Number(found.exec(sdp)?.[1]);
}

export class DelayedCall {
  // `roundTrip` in milliseconds; `changeOffer` may edit the offer on its way.
  static async start(page, roundTrip, changeOffer = (offer) => offer) {
    const call = new DelayedCall(roundTrip, await bind(), await bind());
    await page.exposeFunction('delayedOffer', (offer) => {
      call.viewerPort = candidatePort(offer);
      return withCandidate(changeOffer(offer), call.toCamera.address().port);
    });
    await page.exposeFunction('delayedAnswer',
      (answer) => withCandidate(answer, call.toViewer.address().port));
    await page.evaluateOnNewDocument((delay) => {
      let last = null;
      window.RTCPeerConnection = class extends window.RTCPeerConnection {
        constructor(...options) {
          super(...options);
          last = this;
        }
      };
      const sleep = (time) => new Promise((resolve) => { setTimeout(resolve, time); });
      const directly = window.fetch;
      window.fetch = async (url, options = {}) => {
        if (options.method === 'PATCH') return new Response(null, { status: 204 });
        if (options.method !== 'POST') return directly(url, options);
        while (last.iceGatheringState !== 'complete') await sleep(1);
        const body = await window.delayedOffer(last.localDescription.sdp);
        await sleep(delay);
        const response = await directly(url, { ...options, body });
        const answer = await response.text();
        const changed = await window.delayedAnswer(answer);
        await sleep(delay);
        const { status, headers } = response;
        return Object.defineProperty(
          new Response(changed, { status, headers }), 'url', { value: response.url });
      };
    }, roundTrip / 2);
    return call;
  }

  constructor(roundTrip, toCamera, toViewer) {
    this.toCamera = toCamera;
    this.toViewer = toViewer;
    this.viewerPort = null;
    this.cameraPort = 8555;
    const later = (send) => setTimeout(send, roundTrip / 2);
    toCamera.on('message', (datagram) => {
      later(() => this.toViewer?.send(datagram, this.viewerPort, HOST));
    });
    toViewer.on('message', (datagram) => {
      later(() => this.toCamera?.send(datagram, this.cameraPort, HOST));
    });
  }

  stop() {
    this.toCamera.close();
    this.toViewer.close();
    this.toCamera = null;
    this.toViewer = null;
  }
}

// SPDX-License-Identifier: Apache-2.0
// An RTCPeerConnection as far as the page uses one: it keeps the rules of offers and answers, and
// connects when the test says so.

export const sdp = (ufrag) =>
  `v=0\r\na=group:BUNDLE 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=ice-ufrag:${ufrag}\r\na=ice-pwd:secret\r\n`;

export class FakePeerConnection {
  signalingState = 'stable';
  connectionState = 'new';
  generation = 1;
  configuration;
  channels = [];
  gatheredWith; // The ICE servers of the last gathering.

  constructor(configuration) {
    this.configuration = configuration;
    FakePeerConnection.last = this;
  }
  addTransceiver() {
    return {};
  }
  createDataChannel(label, options) {
    const channel = Object.assign(new EventTarget(), {
      label,
      ...options,
      readyState: 'connecting',
    });
    this.channels.push(channel);
    return channel;
  }
  getConfiguration() {
    return this.configuration;
  }
  setConfiguration(configuration) {
    if (configuration.iceServers.some(({ urls }) => urls.startsWith('bad:')))
      throw new SyntaxError('not an ICE server');
    this.configuration = configuration;
  }
  async createOffer({ iceRestart } = {}) {
    if (iceRestart) this.generation += 1;
    return { type: 'offer', sdp: sdp(`u${this.generation}`) };
  }
  async setLocalDescription(description) {
    if (description?.type === 'rollback') {
      this.signalingState = 'stable';
      this.generation -= 1;
    } else if (this.signalingState === 'have-remote-offer') {
      this.signalingState = 'stable';
    } else {
      this.signalingState = 'have-local-offer';
    }
    this.localDescription = { sdp: sdp(`u${this.generation}`) };
    this.gatheredWith = this.configuration.iceServers ?? [];
  }
  async setRemoteDescription(description) {
    this.signalingState = description.type === 'offer' ? 'have-remote-offer' : 'stable';
    this.remoteDescription = description;
  }
  gather(port, ufrag = `u${this.generation}`) {
    this.onicecandidate({
      candidate: {
        candidate: `candidate:1 1 udp 1 192.0.2.1 ${port} typ host`,
        usernameFragment: ufrag,
        type: 'host',
        protocol: 'udp',
      },
    });
  }
  async getStats() {
    return new Map();
  }
  become(connectionState) {
    this.connectionState = connectionState;
    this.onconnectionstatechange();
  }
  close() {
    this.signalingState = 'closed';
    this.connectionState = 'closed';
  }
}

// SPDX-License-Identifier: Apache-2.0
// What a page of a browser has to talk with a peer of ours over data channels. In the page:
// window.lab. Channels are known by their labels.
class Lab {
  pc = new RTCPeerConnection();
  #lines = new Map();

  constructor() {
    this.pc.ondatachannel = ({ channel }) => this.#add(channel);
  }

  #add(channel) {
    const line = { channel, received: [], closed: false, errors: [] };
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({ data }) => line.received.push(data);
    channel.onclose = () => { line.closed = true; };
    channel.onerror = ({ error }) => line.errors.push(error.message);
    this.#lines.set(channel.label, line);
  }

  open(label, options) {
    this.#add(this.pc.createDataChannel(label, options));
  }

  async offer() {
    await this.pc.setLocalDescription();
    return this.pc.localDescription.sdp;
  }

  async answer(sdp) {
    await this.pc.setRemoteDescription({ type: 'offer', sdp });
    await this.pc.setLocalDescription();
    return this.pc.localDescription.sdp;
  }

  accept(sdp) {
    return this.pc.setRemoteDescription({ type: 'answer', sdp });
  }

  channel(label) {
    return this.#lines.get(label).channel;
  }

  labels(state) {
    return [...this.#lines.values()].map(({ channel }) => channel)
      .filter(({ readyState }) => readyState === state).map(({ label }) => label);
  }

  // How a channel was opened.
  describe(label) {
    const { id, ordered, maxRetransmits, maxPacketLifeTime, protocol, negotiated, readyState } =
      this.channel(label);
    return { id, ordered, maxRetransmits, maxPacketLifeTime, protocol, negotiated, readyState };
  }

  // Text as it is, and a number for so many bytes of 0, 1, ... 255, 0 ... The message of the
  // exception, or null.
  send(label, what) {
    try {
      this.channel(label).send(
        typeof what === 'string' ? what : Uint8Array.from({ length: what }, (_, i) => i & 255));
      return null;
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
  }

  // Messages as `send` takes them; those of other bytes are null.
  received(label) {
    return this.#lines.get(label).received.map((data) => {
      if (typeof data === 'string') return data;
      return new Uint8Array(data).every((byte, i) => byte === (i & 255)) ? data.byteLength : null;
    });
  }

  bytesReceived(label) {
    return this.#lines.get(label).received.reduce((sum, data) => sum + (data.byteLength ?? 0), 0);
  }

  isClosed(label) {
    return this.#lines.get(label).closed;
  }

  has(label) {
    return this.#lines.has(label);
  }

  // Sends so many bytes and then "end"; resolves, once the peer's sink has counted them, to
  // {bytes, milliseconds}.
  async fill(label, bytes, size = 65_536) {
    const { channel, received } = this.#lines.get(label);
    const message = new Uint8Array(size);
    channel.bufferedAmountLowThreshold = 1_000_000;
    const began = performance.now();
    for (let left = bytes; left > 0; left -= size) {
      if (channel.bufferedAmount > 2_000_000) {
        await new Promise((resolve) => { channel.onbufferedamountlow = resolve; });
      }
      channel.send(left < size ? message.subarray(0, left) : message);
    }
    channel.send('end');
    while (received.length === 0) await new Promise((resolve) => { setTimeout(resolve, 1); });
    return { bytes: Number(received[0]), milliseconds: performance.now() - began };
  }

  // Opens a channel from which so many bytes come and then "end"; resolves as fill does.
  async drain(label, bytes) {
    const channel = this.pc.createDataChannel(label);
    channel.binaryType = 'arraybuffer';
    let count = 0;
    let began;
    await new Promise((resolve) => {
      channel.onmessage = ({ data }) => {
        began ??= performance.now();
        if (typeof data === 'string') resolve();
        else count += data.byteLength;
      };
    });
    channel.close();
    return { bytes: count, milliseconds: performance.now() - began };
  }
}

window.lab = new Lab();

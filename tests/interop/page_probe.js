// SPDX-License-Identifier: Apache-2.0
// Runs in the page, before its own script: notes when the answer was applied and when the first
// picture was shown, and reads the test pattern's cells (drivers/test_pattern_camera/cells.h says
// how) back from the pixels of what the page shows.
window.probe = (() => {
  const probe = { answeredAt: null, shownAt: null, recorded: null };

  const setRemoteDescription = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    probe.answeredAt = performance.now();
    probe.shownAt = null;
    return setRemoteDescription.call(this, description);
  };

  const columns = 32;
  const rows = 3;

  function checksum(bytes) {
    let crc = 0xffff;
    for (const byte of bytes) {
      crc ^= byte << 8;
      for (let i = 0; i < 8; i++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
    }
    return crc;
  }

  // `brightness(x, y)` of a picture of this width. Null when the check code is wrong.
  function readCells(width, brightness, threshold) {
    const size = Math.max(4, 2 * Math.floor(width / 80));
    const left = 2 * Math.floor((width - columns * size) / 4);
    const bytes = new Uint8Array((columns * rows) / 8);
    const inset = Math.floor(size / 4);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        let count = 0;
        for (let y = inset; y < size - inset; y++) {
          for (let x = inset; x < size - inset; x++) {
            sum += brightness(left + column * size + x, size + row * size + y);
            count++;
          }
        }
        const bit = row * columns + column;
        if (sum / count >= threshold) bytes[bit >> 3] |= 0x80 >> (bit & 7);
      }
    }
    const view = new DataView(bytes.buffer);
    if (checksum(bytes.subarray(0, 10)) !== view.getUint16(10)) return null;
    return { frame: view.getUint32(0), sentAt: view.getUint32(4) * 65536 + view.getUint16(8) };
  }

  // Of a picture as it is drawn on screen.
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  function readVideo(video) {
    canvas.width = video.videoWidth;
    canvas.height = Math.ceil(video.videoWidth / 10);
    context.drawImage(video, 0, 0);
    const { data, width } = context.getImageData(0, 0, canvas.width, canvas.height);
    return readCells(width, (x, y) => data[4 * (y * width + x) + 1], 128);
  }

  // The page's video element, once it plays.
  probe.video = () => document.querySelector('video');

  // Every picture shown for `milliseconds`, in order: {frame, latency}; frame is null for a picture
  // whose cells cannot be read.
  probe.watchShown = (milliseconds) => new Promise((resolve) => {
    const video = probe.video();
    const pictures = [];
    const end = performance.now() + milliseconds;
    const look = () => {
      const cells = readVideo(video);
      pictures.push({ frame: cells?.frame ?? null, latency: cells ? Date.now() - cells.sentAt : null });
      if (performance.now() < end) video.requestVideoFrameCallback(look);
      else resolve(pictures);
    };
    video.requestVideoFrameCallback(look);
  });

  // Every picture decoded for `milliseconds`, whether the screen had time to show it or not.
  // Chromium only.
  probe.watchDecoded = async (milliseconds) => {
    const track = probe.video().srcObject.getVideoTracks()[0].clone();
    const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 30 }).readable.getReader();
    const pictures = [];
    const end = performance.now() + milliseconds;
    let luma = new Uint8Array(0);
    while (performance.now() < end) {
      const { value: picture, done } = await reader.read();
      if (done) break;
      const now = Date.now();
      const size = picture.allocationSize();
      if (luma.length < size) luma = new Uint8Array(size);
      const [plane] = await picture.copyTo(luma);
      const { codedWidth } = picture;
      picture.close();
      const cells = readCells(codedWidth, (x, y) => luma[plane.offset + y * plane.stride + x], 126);
      pictures.push({ frame: cells?.frame ?? null, latency: cells ? now - cells.sentAt : null });
    }
    track.stop();
    return pictures;
  };

  // From now on, when each readable picture was shown: `recorded` has {frame, at}, in milliseconds of
  // Date.now(), whatever the page does about its connection meanwhile.
  probe.record = () => { probe.recorded = []; };

  // Resolves with the milliseconds from answer to first picture, when its cells have been read.
  probe.firstPicture = (limit) => new Promise((resolve, reject) => {
    const end = performance.now() + limit;
    const poll = () => {
      if (probe.shownAt !== null) return resolve(probe.shownAt - probe.answeredAt);
      if (performance.now() > end) return reject(new Error('no picture within the limit'));
      return setTimeout(poll, 10);
    };
    poll();
  });

  document.addEventListener('DOMContentLoaded', () => {
    const video = probe.video();
    const look = () => {
      const first = probe.shownAt === null && probe.answeredAt !== null;
      const cells = first || probe.recorded ? readVideo(video) : null;
      if (first && cells) probe.shownAt = performance.now();
      if (cells) probe.recorded?.push({ frame: cells.frame, at: Date.now() });
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  });
  return probe;
})();

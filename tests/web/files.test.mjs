// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { download, FileError, upload } from '../../web/files.js';
import { FakeFileCamera, hashOf } from './fake_file_camera.mjs';

const MIB = 1024 * 1024;

const content = (size, seed = 1) => {
  const bytes = new Uint8Array(size);
  for (let i = 0, state = seed; i < size; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
};

const fileOf = (bytes, name = 'a.img') => Object.assign(new Blob([bytes]), { name });

const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());

// A connection that comes back as often as it is lost, at once.
const returning = (camera) => {
  camera.connect();
  return () => (camera.pc.connectionState === 'connected' ? camera.pc : camera.connect());
};

test('downloads a file and checks it', async () => {
  const camera = new FakeFileCamera();
  const bytes = content(3 * MIB + 5);
  camera.files.set('recordings/a.mp4', bytes);
  const progress = [];
  const blob = await download(camera.connect(), {
    area: 'recordings',
    name: 'a.mp4',
    onProgress: (each) => progress.push(each),
  });
  assert.deepEqual(await bytesOf(blob), bytes);
  assert.deepEqual(progress[0], { bytes: 0, size: bytes.length });
  assert.deepEqual(progress.at(-1), { bytes: bytes.length, size: bytes.length });
  await new Promise(setImmediate);
  assert.deepEqual(camera.received, [
    { type: 'get', area: 'recordings', name: 'a.mp4', offset: 0 },
    { type: 'received' },
  ]);
  const [channel] = camera.channels;
  assert.equal(channel.label, 'file');
  assert.equal(channel.protocol, 'ocellus.file.v1');
  assert.equal(channel.binaryType, 'arraybuffer');
});

test('downloads an empty file', async () => {
  const camera = new FakeFileCamera();
  camera.files.set('recordings/a', new Uint8Array(0));
  const blob = await download(camera.connect(), { area: 'recordings', name: 'a' });
  assert.equal(blob.size, 0);
});

test('says what the camera says when there is no such file', async () => {
  const camera = new FakeFileCamera();
  await assert.rejects(download(camera.connect(), { area: 'snapshots', name: 'x' }), {
    name: 'FileError',
    code: -32002,
    message: 'no such file',
  });
});

test('goes on with a download on the next connection', async () => {
  const camera = new FakeFileCamera();
  const bytes = content(3 * MIB);
  camera.files.set('recordings/a', bytes);
  const connection = returning(camera);
  camera.cutAfter = MIB;
  const blob = await download(connection, { area: 'recordings', name: 'a' });
  assert.deepEqual(await bytesOf(blob), bytes);
  const offsets = camera.received.filter(({ type }) => type === 'get').map(({ offset }) => offset);
  assert.deepEqual(offsets, [0, MIB]);
});

test('begins anew when the file has changed meanwhile', async () => {
  for (const size of [2 * MIB, 3 * MIB, MIB / 2]) {
    const camera = new FakeFileCamera();
    const other = content(size, 2);
    camera.files.set('recordings/a', content(3 * MIB));
    const connection = returning(camera);
    camera.cutAfter = MIB;
    let connections = 0;
    const blob = await download(
      () => {
        connections += 1;
        if (connections === 2) camera.files.set('recordings/a', other);
        return connection();
      },
      { area: 'recordings', name: 'a' },
    );
    assert.deepEqual(await bytesOf(blob), other, `${size} bytes`);
  }
});

test('does not take a file that has arrived damaged', async () => {
  const camera = new FakeFileCamera();
  camera.files.set('recordings/a', content(MIB));
  camera.breakByte = 1000;
  await assert.rejects(download(camera.connect(), { area: 'recordings', name: 'a' }), /damaged/);
});

test('fails when its only connection is lost', async () => {
  const camera = new FakeFileCamera();
  camera.files.set('recordings/a', content(MIB));
  camera.cutAfter = MIB / 2;
  await assert.rejects(download(camera.connect(), { area: 'recordings', name: 'a' }), FileError);
  await assert.rejects(download(camera.pc, { area: 'recordings', name: 'a' }), /interrupted/);
});

test('uploads a file with its hash', async () => {
  const camera = new FakeFileCamera();
  const bytes = content(5 * MIB + 7);
  const progress = [];
  await upload(camera.connect(), {
    area: 'firmware',
    file: fileOf(bytes),
    onProgress: (each) => progress.push(each),
  });
  assert.equal(hashOf(camera.files.get('firmware/a.img')), hashOf(bytes));
  assert.deepEqual(camera.received[0], {
    type: 'put',
    area: 'firmware',
    name: 'a.img',
    size: bytes.length,
    sha256: hashOf(bytes),
  });
  assert.deepEqual(progress.at(-1), { bytes: bytes.length, size: bytes.length });
  assert.ok(progress.length > 10, 'it tells how far it is');
  assert.ok(progress.every(({ bytes: told }, i) => i === 0 || told >= progress[i - 1].bytes));
});

test('uploads an empty file, and under another name', async () => {
  const camera = new FakeFileCamera();
  await upload(camera.connect(), {
    area: 'firmware',
    file: fileOf(new Uint8Array(0)),
    name: 'b.img',
  });
  assert.equal(camera.files.get('firmware/b.img').length, 0);
});

test('never has much in the channel', async () => {
  const camera = new FakeFileCamera();
  await upload(camera.connect(), { area: 'firmware', file: fileOf(content(4 * MIB)) });
  assert.ok(camera.channels[0].mostBuffered <= 272 * 1024, `${camera.channels[0].mostBuffered}`);
});

test('waits for a disk that is slower than the network', async () => {
  const camera = new FakeFileCamera();
  camera.isSlow = true;
  const bytes = content(3 * MIB);
  const done = upload(camera.connect(), { area: 'firmware', file: fileOf(bytes) });
  const writing = setInterval(() => {
    // The fake camera refuses what is beyond the window.
    if (camera.files.size === 0) camera.channels[0].tell();
    camera.isSlow = false;
  }, 20);
  await done;
  clearInterval(writing);
  assert.equal(camera.files.get('firmware/a.img').length, bytes.length);
});

test('goes on with an upload on the next connection', async () => {
  const camera = new FakeFileCamera();
  const bytes = content(3 * MIB);
  const connection = returning(camera);
  camera.cutAfter = MIB + 100;
  const progress = [];
  await upload(connection, {
    area: 'firmware',
    file: fileOf(bytes),
    onProgress: (each) => progress.push(each.bytes),
  });
  assert.equal(hashOf(camera.files.get('firmware/a.img')), hashOf(bytes));
  assert.equal(camera.received.filter(({ type }) => type === 'put').length, 2);
  assert.ok(progress.includes(MIB), 'what was there was not sent again');
});

test('says why an upload was refused', async () => {
  const camera = new FakeFileCamera();
  const pc = camera.connect();
  const create = pc.createDataChannel;
  pc.createDataChannel = (...options) => {
    const channel = create(...options);
    channel.send = () => {
      channel.say({ type: 'error', code: -32001, message: 'takes the role admin' });
      channel.lose();
    };
    return channel;
  };
  await assert.rejects(upload(pc, { area: 'firmware', file: fileOf(content(MIB)) }), {
    code: -32001,
    message: 'takes the role admin',
  });
});

test('stops when it is told to, and says so to the camera', async () => {
  for (const start of [
    (camera, options) => download(camera.connect(), { ...options, area: 'firmware', name: 'a' }),
    (camera, options) =>
      upload(camera.connect(), { ...options, area: 'firmware', file: fileOf(content(3 * MIB)) }),
  ]) {
    const camera = new FakeFileCamera();
    camera.files.set('firmware/a', content(3 * MIB));
    const stopper = new AbortController();
    const done = start(camera, {
      signal: stopper.signal,
      onProgress: ({ bytes }) => bytes >= MIB && stopper.abort(),
    });
    await assert.rejects(done, { name: 'AbortError' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(camera.received.at(-1), { type: 'cancel' });
    assert.equal(camera.parts.size, 0);
    assert.equal(camera.channels[0].readyState, 'closed');
  }
});

test('stops also while there is no connection', async () => {
  const stopper = new AbortController();
  setTimeout(() => stopper.abort(), 10);
  const done = download(() => undefined, { area: 'a', name: 'b', signal: stopper.signal });
  await assert.rejects(done, { name: 'AbortError' });
});

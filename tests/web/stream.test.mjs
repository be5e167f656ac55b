// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isSameShape, sizesFor } from '../../web/stream.js';

const size = (width, height) => ({ width, height });
const texts = (sizes) => sizes.map(({ width, height }) => `${width}x${height}`);

test('offers usual sizes of the camera’s shape', () => {
  assert.deepEqual(texts(sizesFor(size(1280, 720), size(1280, 720))), [
    '1920x1080',
    '1280x720',
    '854x480',
    '640x360',
    '426x240',
  ]);
  assert.deepEqual(texts(sizesFor(size(640, 480), size(640, 480))).slice(0, 3), [
    '1440x1080',
    '960x720',
    '640x480',
  ]);
});

test('offers more to who has shown more, also when it is small now', () => {
  assert.equal(texts(sizesFor(size(3840, 2160), size(640, 360)))[0], '3840x2160');
});

test('has the present size among them, as it is', () => {
  assert.deepEqual(texts(sizesFor(size(1600, 1200), size(1600, 1200))).slice(0, 2), [
    '1600x1200',
    '1440x1080',
  ]);
  assert.ok(texts(sizesFor(size(1920, 1080), size(852, 480))).includes('852x480'));
});

test('knows a picture that was turned from one that was scaled', () => {
  assert.ok(isSameShape(size(1920, 1080), size(854, 480)));
  assert.ok(!isSameShape(size(640, 480), size(480, 640)));
  assert.ok(!isSameShape(size(640, 480), size(640, 360)));
});

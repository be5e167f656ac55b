// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { dragged, magnification, zoomedAt, zoomOf } from '../../web/view.js';

const WHOLE = { pan: 0, tilt: 0, zoom: 0 };

// What of the whole picture, from its middle, is at `point` of what is shown.
function seenAt({ pan, tilt, zoom }, point) {
  const factor = magnification(zoom);
  const room = (1 - 1 / factor) / 2;
  return { x: pan * room + point.x / factor, y: -tilt * room + point.y / factor };
}

const near = (actual, expected) => {
  for (const axis of Object.keys(expected))
    assert.ok(Math.abs(actual[axis] - expected[axis]) < 1e-9, `${axis}: ${actual[axis]}`);
};

test('magnifies up to eight times, each step by the same factor', () => {
  assert.equal(magnification(0), 1);
  assert.equal(magnification(1), 8);
  near({ z: magnification(0.5) ** 2 }, { z: 8 });
  near({ z: zoomOf(magnification(0.3)) }, { z: 0.3 });
  assert.equal(zoomOf(100), 1);
  assert.equal(zoomOf(0.5), 0);
});

test('zooms towards the point under the hand', () => {
  const point = { x: 0.3, y: -0.2 };
  const view = zoomedAt(WHOLE, 2, point);
  near(seenAt(view, point), point);
  near(
    seenAt(zoomedAt(view, 1.5, { x: -0.4, y: 0.1 }), { x: -0.4, y: 0.1 }),
    seenAt(view, { x: -0.4, y: 0.1 }),
  );
});

test('shows all of the picture again when it has zoomed out', () => {
  const view = zoomedAt(zoomedAt(WHOLE, 4, { x: 0.5, y: 0.5 }), 0.1, { x: -0.5, y: 0 });
  assert.deepEqual(view, WHOLE);
});

test('drags what is under the hand along with it', () => {
  const view = { pan: 0.1, tilt: 0.2, zoom: 0.6 };
  const by = { x: 0.1, y: -0.05 };
  near(seenAt(dragged(view, by), by), seenAt(view, { x: 0, y: 0 }));
});

test('goes no further than the edge', () => {
  const view = dragged({ pan: 0.9, tilt: -0.9, zoom: 0.5 }, { x: -5, y: -5 });
  assert.deepEqual(view, { pan: 1, tilt: -1, zoom: 0.5 });
});

test('does not move what it shows all of', () => {
  assert.deepEqual(dragged(WHOLE, { x: 0.4, y: 0.4 }), WHOLE);
});

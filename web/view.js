// SPDX-License-Identifier: Apache-2.0
// Digital pan, tilt and zoom: what part of the picture {pan, tilt, zoom} shows, and which one to ask
// for when somebody drags it or zooms towards a point. Pure.
//
// Points are parts of what is shown, from the middle: x and y from -0.5 to 0.5, y downwards.

// At zoom 1; each step of zoom magnifies by the same factor. firmware/media/view.h has it too.
const MAX_MAGNIFICATION = 8;

const clamp = (value, least, most) => Math.min(most, Math.max(least, value));

export const magnification = (zoom) => MAX_MAGNIFICATION ** zoom;
export const zoomOf = (factor) => clamp(Math.log(factor) / Math.log(MAX_MAGNIFICATION), 0, 1);

// How far the middle of what is shown can be from the middle of the picture.
const room = (zoom) => (1 - 1 / magnification(zoom)) / 2;

const centerOf = ({ pan, tilt, zoom }) => ({ x: pan * room(zoom), y: -tilt * room(zoom) });

function viewAt({ x, y }, zoom) {
  const most = room(zoom);
  if (most === 0) return { pan: 0, tilt: 0, zoom };
  // Without adding 0, the middle would be -0.
  return { pan: clamp(x / most, -1, 1), tilt: 0 + clamp(-y / most, -1, 1), zoom };
}

// The picture follows the hand: what was at {x: 0, y: 0} comes to be at `by`.
export function dragged(view, by) {
  const center = centerOf(view);
  const factor = magnification(view.zoom);
  return viewAt({ x: center.x - by.x / factor, y: center.y - by.y / factor }, view.zoom);
}

// Magnified by `factor` more; what is at `point` stays there as far as it can.
export function zoomedAt(view, factor, point) {
  const zoom = zoomOf(magnification(view.zoom) * factor);
  const center = centerOf(view);
  const shift = 1 / magnification(view.zoom) - 1 / magnification(zoom);
  return viewAt({ x: center.x + point.x * shift, y: center.y + point.y * shift }, zoom);
}

// SPDX-License-Identifier: Apache-2.0
// Makes elements. No markup as text anywhere: what the camera says is shown, never interpreted.

export const element = (id) => document.getElementById(id);

// make('button', {class: 'chip', type: 'button', onclick: f, 'aria-label': 'Save'}, icon('save'))
// Attributes by their names, properties where the element has them (onclick, value, disabled).
// Children are elements and text; undefined and false are left out.
export function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name in made && !name.includes('-')) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== undefined && child !== false));
  return made;
}

// Whether letters typed there mean something there, and are no keys of the page. (Not in sliders and
// switches.)
const TEXT = 'input:not([type="range"], [type="checkbox"]), select, textarea, dialog';
export const takesText = (target) => target.closest?.(TEXT) != null;

const SVG = 'http://www.w3.org/2000/svg';

// Drawn on 24 by 24, lines only.
const ICONS = {
  move: 'M12 3v18M3 12h18M9 6l3-3 3 3M9 18l3 3 3-3M6 9l-3 3 3 3M18 9l3 3-3 3',
  picture: 'M5 8h8M17 8h2M5 16h2M11 16h8M15 6v4M9 14v4',
  files: 'M4 19V6a1 1 0 0 1 1-1h4l2 2.5h8a1 1 0 0 1 1 1V19a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1Z',
  settings:
    'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M5.6 18.4l2.2-2.2M16.2 7.8l2.2-2.2',
  system: 'M5 5h14v10H5ZM9 20h6M12 15v5',
  close: 'M6 6l12 12M18 6L6 18',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  up: 'M6 14l6-6 6 6',
  down: 'M6 10l6 6 6-6',
  left: 'M14 6l-6 6 6 6',
  right: 'M10 6l6 6-6 6',
  home: 'M4 11.5L12 5l8 6.5M6.5 10v9h11v-9',
  aim: 'M12 4v5M12 15v5M4 12h5M15 12h5M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10Z',
  reset: 'M5 5v5h5M5.5 10a7 7 0 1 1-.4 4',
  save: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  upload: 'M12 16V5M7 9.5l5-5 5 5M5 20h14',
  delete: 'M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13',
};

export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

// A round button with a picture on it.
export function iconButton(name, label, onclick) {
  const properties = { class: 'icon-button', type: 'button', title: label, onclick };
  return make('button', { ...properties, 'aria-label': label }, icon(name));
}

// 1234567 is "1.2 MB".
export function formatSize(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (bytes >= 999.5 && unit < units.length - 1) {
    bytes /= 1000;
    unit += 1;
  }
  return `${unit > 0 && bytes < 99.5 ? bytes.toFixed(1) : Math.round(bytes)} ${units[unit]}`;
}

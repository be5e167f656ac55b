// SPDX-License-Identifier: Apache-2.0
// All that steers the camera, put together. viewer.js loads it, and what it needs, once the control
// channel is open: the picture comes first, and a camera without controls costs nothing.

import { Camera } from './camera.js';
import { element } from './dom.js';
import { Drawer } from './drawer.js';
import { Gestures } from './gestures.js';
import { ImageTab } from './image.js';
import { LibraryTab } from './library.js';
import { Identity } from './login.js';
import { SettingsTab } from './settings.js';
import { Snapshot } from './snapshot.js';
import { SteerTab } from './steer.js';
import { SystemTab } from './system.js';
import { Transfers } from './transfers.js';

export class Controls {
  #camera;
  #drawer;
  #snapshot;

  // `onName(name)`: what the camera calls itself. `onToggle()`: the drawer has opened or closed.
  constructor({ session, control, onName, onToggle }) {
    const camera = new Camera(control);
    const transfers = new Transfers(() => session.pc);
    this.#camera = camera;
    this.#snapshot = new Snapshot(camera, transfers);
    const tabs = [
      new SteerTab(camera),
      new ImageTab(camera),
      new LibraryTab(camera, transfers),
      new SettingsTab(camera),
      new SystemTab(camera, transfers),
    ];
    this.#drawer = new Drawer(camera, tabs, onToggle);
    new Gestures(camera, element('video'));
    new Identity(camera, session);
    camera.addEventListener('refused', ({ detail }) => transfers.complain(detail));
    camera.addEventListener('access', async () => {
      this.#drawer.setConnected(true);
      const device = await camera.call('device.get').catch(() => undefined);
      if (device?.name) onName(device.name);
    });
  }

  get role() {
    return this.#camera.role;
  }

  get isOpen() {
    return this.#drawer.open;
  }

  // The control channel is open: asks what there is.
  load() {
    return this.#camera.load();
  }

  // It is gone.
  suspend() {
    this.#drawer.setConnected(false);
  }

  toggle() {
    this.#drawer.toggle();
  }

  takeSnapshot() {
    return this.#snapshot.take();
  }
}

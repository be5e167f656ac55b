// SPDX-License-Identifier: Apache-2.0
// Files on their way, each a card with a bar that fills and a way to stop it; and short messages,
// which are cards that leave by themselves.

import { download, upload } from './files.js';
import { element, formatSize, iconButton, make } from './dom.js';

const MESSAGE_MS = 6000;

// What is quicker than this needs no card.
const PATIENCE_MS = 400;

// To the folder where this browser puts downloads.
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  make('a', { href: url, download: name }).click();
  // Not before the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export class Transfers {
  #list = element('cards');
  #connection;

  // `connection()` is the RTCPeerConnection of the present session, or undefined: a transfer goes on
  // with the next one.
  constructor(connection) {
    this.#connection = connection;
  }

  // Resolves to a Blob, or to undefined when it was stopped or went wrong, which the card says.
  download({ area, name }) {
    return this.#run(name, 'Downloading', (options) =>
      download(this.#connection, { area, name, ...options }),
    );
  }

  // Resolves to whether the file has arrived.
  async upload({ area, file }) {
    const done = await this.#run(file.name, 'Sending', async (options) => {
      await upload(this.#connection, { area, file, ...options });
      return true;
    });
    return done === true;
  }

  // For a while. `problem` is an Error.
  complain(problem) {
    this.say(problem.message, 'problem');
  }

  say(text, kind = 'message') {
    const card = make('div', { class: `card ${kind}`, role: 'status' }, make('p', {}, text));
    card.append(iconButton('close', 'Close', () => card.remove()));
    // The same thing said twice is said once.
    for (const other of this.#list.querySelectorAll(`.card.${kind}`)) {
      if (other.textContent === card.textContent) other.remove();
    }
    this.#list.append(card);
    setTimeout(() => card.remove(), MESSAGE_MS);
  }

  // A card that somebody else has made.
  show(card) {
    this.#list.append(card);
  }

  async #run(name, verb, start) {
    const stopper = new AbortController();
    const bar = make('progress', { max: 1, value: 0, 'aria-label': `${verb} ${name}` });
    const amount = make('small');
    const card = make(
      'div',
      { class: 'card transfer' },
      make('p', {}, name),
      iconButton('close', `Stop: ${name}`, () => stopper.abort()),
      bar,
      amount,
    );
    const timer = setTimeout(() => this.#list.append(card), PATIENCE_MS);
    const onProgress = ({ bytes, size }) => {
      bar.value = size > 0 ? bytes / size : 1;
      amount.textContent = `${verb}: ${formatSize(bytes)} of ${formatSize(size)}`;
    };
    try {
      return await start({ onProgress, signal: stopper.signal });
    } catch (error) {
      if (!stopper.signal.aborted) this.say(`${name}: ${error.message}`, 'problem');
      return undefined;
    } finally {
      clearTimeout(timer);
      card.remove();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
// Tokens: which one to show the camera, and asking for one.

import { element, make } from './dom.js';

// A token that was typed is kept in sessionStorage: it survives a reload and a reconnection, and is
// gone with the tab. localStorage would keep it for every tab and whoever sits here next; a token
// opens the camera, so who wants to keep one has a bookmark with "#token=..." in it. Cameras behind one
// proxy share the storage, and are told apart by their paths.
const memory = () => `ocellus.token ${location.pathname}`;

// What stands behind the # of the address is sent to no server.
const addressToken = () => new URLSearchParams(location.hash.slice(1)).get('token') ?? undefined;

// The typed token, unless the address has had another one since. A page in a frame may have no
// storage.
export function recallToken() {
  try {
    const { token, insteadOf } = JSON.parse(sessionStorage.getItem(memory()));
    if (insteadOf === addressToken()) return token;
  } catch {
    // There is none.
  }
  return addressToken();
}

export function rememberToken(token) {
  try {
    sessionStorage.setItem(memory(), JSON.stringify({ token, insteadOf: addressToken() }));
  } catch {
    // Then it lasts as long as the page.
  }
}

export function forgetToken() {
  try {
    sessionStorage.removeItem(memory());
  } catch {
    // It was not kept.
  }
}

// A field for a token. `use(token)` throws an Error that says why it is no good.
export class TokenForm {
  element;

  #use;
  #input;
  #button;
  #problem = make('p', { class: 'problem', role: 'alert' });

  constructor(use) {
    this.#use = use;
    this.#input = make('input', {
      type: 'password',
      name: 'token',
      required: true,
      placeholder: 'Token',
      'aria-label': 'Token',
      autocomplete: 'current-password',
      spellcheck: false,
    });
    this.#button = make('button', { class: 'play', type: 'submit' }, 'Log in');
    this.element = make(
      'form',
      { class: 'token-form', onsubmit: (event) => this.#submit(event) },
      make('div', {}, this.#input, this.#button),
      this.#problem,
    );
  }

  focus() {
    this.#input.focus();
  }

  clear() {
    this.#input.value = '';
    this.#problem.textContent = '';
  }

  async #submit(event) {
    event.preventDefault();
    const token = this.#input.value.trim();
    if (token === '') return;
    this.#problem.textContent = '';
    this.#button.disabled = true;
    try {
      await this.#use(token);
      this.clear();
    } catch (error) {
      this.#problem.textContent = error.message;
      this.#input.select();
    }
    this.#button.disabled = false;
  }
}

const ROLES = { viewer: 'a viewer', operator: 'an operator', admin: 'an admin' };

// Who one is, at the end of the drawer, and the way to become somebody else.
export class Identity {
  #camera;
  #session;
  #dialog = element('login');
  #form;

  constructor(camera, session) {
    this.#camera = camera;
    this.#session = session;
    this.#form = new TokenForm((token) => this.#logIn(token));
    this.#dialog.append(this.#form.element);
    // A press beside it.
    this.#dialog.addEventListener('click', (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
    this.#dialog.addEventListener('close', () => this.#form.clear());
    element('log-in').addEventListener('click', () => this.#dialog.showModal());
    element('log-out').addEventListener('click', () => this.#logOut());
    camera.addEventListener('access', () => this.#show());
  }

  #show() {
    const { role } = this.#camera;
    element('role').textContent = `You are ${ROLES[role] ?? role}.`;
    element('log-in').hidden = role === 'admin' || !this.#camera.can('session.log_in');
    element('log-out').hidden = this.#session.token === addressToken();
  }

  async #logIn(token) {
    await this.#camera.logIn(token);
    this.#session.setToken(token);
    rememberToken(token);
    this.#dialog.close();
    this.#show();
  }

  #logOut() {
    forgetToken();
    this.#session.useToken(addressToken());
  }
}

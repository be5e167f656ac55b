// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { forgetToken, recallToken, rememberToken } from '../../web/login.js';

beforeEach(() => {
  const kept = new Map();
  globalThis.location = { hash: '', pathname: '/' };
  globalThis.sessionStorage = {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  };
});

test('has no token unless somebody brings one', () => {
  assert.equal(recallToken(), undefined);
});

test('takes the token of the address', () => {
  location.hash = '#token=from%20the%20address';
  assert.equal(recallToken(), 'from the address');
});

test('prefers the one that was typed, until the address has another', () => {
  location.hash = '#token=old';
  rememberToken('typed');
  assert.equal(recallToken(), 'typed');
  location.hash = '#token=new';
  assert.equal(recallToken(), 'new');
});

test('forgets it', () => {
  rememberToken('typed');
  assert.equal(recallToken(), 'typed');
  forgetToken();
  assert.equal(recallToken(), undefined);
});

test('keeps it from another camera behind the same proxy', () => {
  location.pathname = '/gate/';
  rememberToken('of the gate');
  location.pathname = '/garden/';
  assert.equal(recallToken(), undefined);
  location.pathname = '/gate/';
  assert.equal(recallToken(), 'of the gate');
});

test('works in a frame without storage', () => {
  globalThis.sessionStorage = undefined;
  location.hash = '#token=t';
  rememberToken('typed');
  assert.equal(recallToken(), 't');
});

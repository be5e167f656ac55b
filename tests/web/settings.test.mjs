// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { grouped, textOf, titleOf, valueOf } from '../../web/settings.js';

test('calls settings as people do', () => {
  assert.equal(titleOf('http-port'), 'HTTP port');
  assert.equal(titleOf('fps'), 'Frames a second');
  assert.equal(titleOf('max-viewers'), 'Max viewers');
});

test('shows together what belongs together, and everything once', () => {
  const names = ['source', 'http-port', 'log-level', 'turn-secret', 'udp-port', 'max-viewers'];
  const groups = grouped(names.map((name) => ({ name })));
  assert.deepEqual(
    groups.map(({ title, settings }) => [title, settings.map(({ name }) => name)]),
    [
      ['Camera', ['source']],
      ['Access', ['max-viewers']],
      ['Reaching the camera', ['turn-secret']],
      ['Network', ['http-port', 'udp-port']],
      ['More', ['log-level']],
    ],
  );
});

test('sends what was typed as the type that the setting has', () => {
  assert.equal(valueOf('integer', '80'), 80);
  assert.equal(valueOf('text', ' as it is '), ' as it is ');
  assert.deepEqual(valueOf('list', 'a, b,,c '), ['a', 'b', 'c']);
  assert.equal(valueOf('integer', '0'), 0);
  for (const type of ['integer', 'text', 'list']) assert.equal(valueOf(type, ' '), undefined);
  assert.equal(valueOf('list', ' , '), undefined);
});

test('shows values as they are typed', () => {
  assert.equal(textOf(['a', 'b']), 'a, b');
  assert.equal(textOf(0), '0');
  assert.equal(textOf(undefined), '');
});

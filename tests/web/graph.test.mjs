// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { History } from '../../web/graph.js';

test('keeps two samples a second, for a minute', () => {
  const history = new History();
  for (let now = 0; now <= 120_000; now += 250) history.add(now, { rate: now });
  assert.equal(history.samples.length, 121);
  assert.equal(history.samples[0].at, 60_000);
});

test('draws them from a minute ago until now', () => {
  const history = new History();
  history.add(0, { rate: 5 });
  history.add(500, { rate: 10 });
  history.add(1000, { rate: 0 });
  assert.deepEqual(history.lines('rate', 30_000), {
    most: 10,
    runs: [
      [
        { x: 0.5, y: 0.5 },
        { x: 1 - 29_500 / 60_000, y: 1 },
        { x: 1 - 29_000 / 60_000, y: 0 },
      ],
    ],
  });
});

test('has a scale that stays for a while', () => {
  const history = new History();
  for (const [at, rate] of [430_000, 470_000, 390_000].entries()) history.add(at * 500, { rate });
  assert.equal(history.lines('rate', 1500).most, 500_000);
  history.add(1500, { rate: 510_000 });
  assert.equal(history.lines('rate', 1500).most, 1_000_000);
});

test('makes no mountains of what is small', () => {
  const history = new History();
  history.add(0, { ms: 0.3 });
  assert.equal(history.lines('ms', 0, 20).most, 20);
});

test('leaves gaps where nothing was known, or nobody looked', () => {
  const history = new History();
  for (const at of [0, 500, 10_000, 10_500]) history.add(at, { rate: 1 });
  history.add(11_000, { rate: undefined });
  history.add(11_500, { rate: 1 });
  assert.deepEqual(
    history.lines('rate', 12_000).runs.map((run) => run.length),
    [2, 2, 1],
  );
});

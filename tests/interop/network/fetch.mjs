// SPDX-License-Identifier: Apache-2.0
// Prints what a GET of the URL brings, on whichever host it is started: `node fetch.mjs URL TOKEN`.
const [url, token] = process.argv.slice(2);
const response = await fetch(url, {
  headers: { Authorization: `Bearer ${token}` },
  signal: AbortSignal.timeout(5_000),
});
if (!response.ok) throw new Error(`${url} answers ${response.status}`);
process.stdout.write(await response.text());

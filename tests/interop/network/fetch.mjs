// SPDX-License-Identifier: Apache-2.0
// Prints what a GET of the URL brings, on whichever host it is started: `node fetch.mjs URL`.
const response = await fetch(process.argv[2], { signal: AbortSignal.timeout(5_000) });
if (!response.ok) throw new Error(`${process.argv[2]} answers ${response.status}`);
process.stdout.write(await response.text());

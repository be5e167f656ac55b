// SPDX-License-Identifier: Apache-2.0
// A test in a laboratory of its own, with coturn running on the server.
import { test } from 'node:test';

import { Coturn } from './coturn.mjs';
import { whatIsMissing } from './host.mjs';
import { Laboratory } from './laboratory.mjs';

const missing = whatIsMissing();
// CMakeLists.txt knows a skipped test by this line.
if (missing) console.log(`The laboratory cannot be built here: ${missing}`);

// A test within the limit of a minute, or of `seconds`. `homes` is for Laboratory.twoHomes; without it
// camera and viewer are on one LAN. What `body` puts into `closing` is closed afterwards, the last
// first, and the laboratory after that.
export function laboratoryTest(name, { homes, seconds = 60 }, body) {
  test(name, { skip: missing, timeout: seconds * 1000 }, async (context) => {
    const closing = [];
    // A hook runs after a time-out too.
    context.after(async () => { for (const close of closing.reverse()) await close(); });
    const laboratory = homes ? Laboratory.twoHomes(homes) : Laboratory.oneLan();
    closing.push(() => laboratory.close());
    await laboratory.ready();
    const coturn = await Coturn.start(laboratory);
    closing.push(() => coturn.stop());
    await body({ laboratory, coturn, closing });
  });
}

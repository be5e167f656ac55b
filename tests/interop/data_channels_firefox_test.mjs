// SPDX-License-Identifier: Apache-2.0
// Data channels with a real Firefox.
import { launchFirefox } from './browsers.mjs';
import { testDataChannels } from './data_channels.mjs';

testDataChannels(launchFirefox, { sendsMore: true, interleaves: true });

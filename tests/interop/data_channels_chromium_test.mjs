// SPDX-License-Identifier: Apache-2.0
// Data channels with a real Chromium, whose SCTP is dcSCTP.
import { launchChromium } from './browsers.mjs';
import { testDataChannels } from './data_channels.mjs';

testDataChannels(() => launchChromium(['--disable-features=WebRtcHideLocalIpsWithMdns']), {
  sendsMore: false,
  interleaves: false,
});

// SPDX-License-Identifier: Apache-2.0
// Starts the browsers and opens pages with the probe in them.
import { readFile } from 'node:fs/promises';
import puppeteer from 'puppeteer-core';

// What every page gets before its own script.
export const probe = await readFile(new URL('./page_probe.js', import.meta.url), 'utf8');

export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const chromiumFlags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];
export const viewport = { width: 1280, height: 720 };

export function launchChromium(extraFlags = []) {
  return puppeteer.launch({
    executablePath: chromiumPath,
    headless: true,
    args: [...chromiumFlags, ...extraFlags],
    defaultViewport: viewport,
  });
}

export function launchFirefox() {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
    headless: true,
    // H.264 through the system's decoder; ordinary users get it through Firefox's own plug-in.
    extraPrefsFirefox: {
      'media.webrtc.hw.h264.enabled': true,
      'gfx.blacklist.webrtc.hw.acceleration.h264': 1,
      'media.autoplay.default': 0,
    },
    defaultViewport: viewport,
  });
}

// Opens `url` with the probe; resolves once a picture with readable cells is shown, for which there are
// `limit` milliseconds.
export async function openViewer(browser, url, limit = 10_000) {
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(probe);
  await page.goto(url);
  const firstPicture = await page.evaluate((most) => window.probe.firstPicture(most), limit);
  return { page, firstPicture };
}

// How far frame numbers are from running on without a gap.
export function countGaps(pictures) {
  let missing = 0;
  let unreadable = 0;
  let last = null;
  for (const { frame } of pictures) {
    if (frame === null) {
      unreadable++;
    } else {
      if (last !== null && frame > last + 1) missing += frame - last - 1;
      last = frame;
    }
  }
  return { missing, unreadable };
}

export function percentile(values, fraction) {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))];
}

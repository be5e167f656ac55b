// SPDX-License-Identifier: Apache-2.0
// Stands guard while the page loads. When a part of it is lost on the way, the page says so and loads
// itself again: a browser takes a module that has failed for failed as long as the page lives.
// It is no module itself, so that it runs before all of them and does not fail with them.

(() => {
  // From a failure to the next attempt: doubling, up to a bound.
  const FIRST_MS = 1000;
  const LONGEST_MS = 16_000;

  // A page that stands for so long has arrived: the next failure is a first one.
  const LASTING_MS = 60_000;

  // Where there is a picture, it is not interrupted more often for what is missing around it.
  const MOST_WITH_PICTURE = 3;

  function say(headline, reason) {
    if (window.ocellus !== undefined) return; // The page itself says how it is.
    document.getElementById('headline').textContent = headline;
    document.getElementById('reason').textContent = reason;
  }

  // A page that is loaded from a camera that is away is gone for good.
  async function isCameraThere() {
    const options = { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(LONGEST_MS) };
    try {
      return (await fetch(location.href, options)).ok;
    } catch {
      return false;
    }
  }

  let isComing = false;

  async function loadAgain() {
    if (isComing) return;
    isComing = true;
    // What is shown may not be there yet.
    if (document.readyState === 'loading')
      await new Promise((resolve) => document.addEventListener('readystatechange', resolve));
    let attempt = history.state?.attempt ?? 0; // It outlives a reload.
    do {
      const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
      attempt += 1;
      say('Part of this page is missing', `Loading it again in ${wait / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, wait));
    } while (!(await isCameraThere()));
    if (window.ocellus?.state === 'live' && attempt > MOST_WITH_PICTURE) return;
    history.replaceState({ attempt }, '');
    location.reload();
  }

  // Errors of elements do not bubble, but they come by.
  window.addEventListener(
    'error',
    ({ target, message }) => {
      if (target === window) say('This browser cannot run this page', message);
      else if (target.tagName === 'SCRIPT' || target.rel === 'stylesheet') loadAgain();
    },
    true,
  );
  setTimeout(() => history.replaceState(null, ''), LASTING_MS);

  window.loadAgain = loadAgain; // For what is loaded later.
})();

// SPDX-License-Identifier: Apache-2.0
// The little of SDP that a WHEP client handles itself: fragments for trickle ICE and ICE restarts
// (RFC 8840), and the answer that a restart's fragment stands for. Pure functions.

const lines = (sdp) => sdp.split(/\r\n|\n/).filter((line) => line !== '');

// What follows the first "prefix" of a line, or undefined.
const valueOf = (sdp, prefix) =>
  lines(sdp)
    .find((line) => line.startsWith(prefix))
    ?.slice(prefix.length);

// The username fragment and password of a description; all its media share one (max-bundle).
export function iceCredentials(sdp) {
  return { ufrag: valueOf(sdp, 'a=ice-ufrag:'), pwd: valueOf(sdp, 'a=ice-pwd:') };
}

// The fragment (RFC 8840 section 4.4) that carries `candidates`, strings as
// RTCIceCandidate.candidate has them, for the ICE session of the local description `sdp`.
// `complete` says that no more will come.
export function iceFragment(sdp, candidates, complete) {
  const { ufrag, pwd } = iceCredentials(sdp);
  const fragment = [];
  // "MUST ensure that the HTTP PATCH request and response bodies include the same 'ice-options'".
  for (const prefix of ['a=ice-options:', 'a=group:BUNDLE ']) {
    const value = valueOf(sdp, prefix);
    if (value !== undefined) fragment.push(prefix + value);
  }
  // Only the bundle's first media description gathers candidates.
  fragment.push('m=' + valueOf(sdp, 'm=').replace(/^(\w+) \d+/, '$1 9'));
  fragment.push('a=mid:' + valueOf(sdp, 'a=mid:'));
  fragment.push('a=ice-ufrag:' + ufrag, 'a=ice-pwd:' + pwd);
  for (const candidate of candidates) fragment.push('a=' + candidate.replace(/^a=/, ''));
  if (complete) fragment.push('a=end-of-candidates');
  return fragment.join('\r\n') + '\r\n';
}

// The answer to an ICE restart: the answer of before, with the credentials and candidates of the
// server's fragment in place of its own.
export function restartedAnswer(answer, fragment) {
  const { ufrag, pwd } = iceCredentials(fragment);
  if (ufrag === undefined || pwd === undefined)
    throw new Error('The restart brought no ICE credentials');
  const candidates = lines(fragment).filter((line) =>
    /^a=(candidate:|end-of-candidates)/.test(line),
  );

  let media = 0;
  const restarted = [];
  const closeMedia = () => {
    if (media === 1) restarted.push(...candidates);
  };
  for (const line of lines(answer)) {
    if (line.startsWith('m=')) {
      closeMedia();
      media += 1;
    }
    if (/^a=(candidate:|end-of-candidates)/.test(line)) continue;
    if (line.startsWith('a=ice-ufrag:')) restarted.push('a=ice-ufrag:' + ufrag);
    else if (line.startsWith('a=ice-pwd:')) restarted.push('a=ice-pwd:' + pwd);
    else restarted.push(line);
  }
  closeMedia();
  return restarted.join('\r\n') + '\r\n';
}

// Header fields reach scripts byte by byte; beyond ASCII they are UTF-8.
const utf8 = (text) =>
  new TextDecoder().decode(Uint8Array.from(text, (character) => character.charCodeAt(0)));

// The ICE servers that Link header fields name (RFC 9725 section 4.6), as RTCConfiguration has them.
// fetch joins the fields with commas.
export function iceServers(link) {
  const servers = [];
  for (const [, url, parameters] of (link ?? '').matchAll(
    /<([^>]*)>((?:\s*;\s*[\w-]+=(?:"(?:[^"\\]|\\.)*"|[^\s",;]+))*)/g,
  )) {
    const values = {};
    for (const [, name, quoted, token] of parameters.matchAll(
      /([\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+))/g,
    )) {
      values[name.toLowerCase()] = utf8(quoted?.replace(/\\(.)/g, '$1') ?? token);
    }
    if (values.rel !== 'ice-server') continue;
    const server = { urls: url };
    if (values.username !== undefined) server.username = values.username;
    if (values.credential !== undefined) server.credential = values.credential;
    servers.push(server);
  }
  return servers;
}

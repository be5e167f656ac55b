// SPDX-License-Identifier: Apache-2.0
// A camera that lives in a page of the browser: answers offers with a picture from a canvas, and
// speaks the control and file protocols as docs/control.md has them, over real data channels. It is
// for tests and for work on the page without a camera. page_server.mjs carries offers to it.
window.camera = (() => {
  const METHODS = {
    viewer: [
      'session.get', 'session.log_in', 'device.get', 'stats.get', 'events.subscribe',
      'events.unsubscribe', 'image.list', 'ptz.get', 'stream.get', 'snapshot.take', 'outputs.list',
      'files.list',
    ],
    operator: [
      'image.set', 'image.reset', 'ptz.move', 'ptz.step', 'ptz.drive', 'ptz.stop', 'ptz.home',
      'ptz.save_preset', 'ptz.go_to_preset', 'ptz.delete_preset', 'stream.set',
      'stream.request_keyframe', 'outputs.set', 'files.delete',
    ],
    admin: ['settings.list', 'settings.get', 'settings.set', 'settings.reset', 'device.restart',
      'log.tail'],
  };
  const ROLES = ['viewer', 'operator', 'admin'];
  const TOKENS = { 'operator-token': 'operator', 'admin-token': 'admin' };

  const integer = (name, title, minimum, maximum, value, more = {}) => ({
    name, title, type: 'integer', minimum, maximum, step: 1, default: value, value,
    active: true, ...more,
  });
  const state = {
    image: [
      integer('brightness', 'Brightness', -100, 100, 0),
      integer('contrast', 'Contrast', 0, 200, 100),
      integer('saturation', 'Saturation', 0, 200, 100),
      { name: 'exposure-auto', title: 'Automatic exposure', type: 'boolean', default: true, value: true, active: true },
      integer('exposure-time', 'Exposure time', 1, 1000, 166, { unit: '100 us', active: false }),
      integer('white-balance-temperature', 'White balance', 2800, 6500, 4600, { unit: 'K' }),
      {
        ...integer('power-line-frequency', 'Power line frequency', 0, 2, 1), type: 'menu',
        choices: [
          { value: 0, title: 'Off' }, { value: 1, title: '50 Hz' }, { value: 2, title: '60 Hz' },
        ],
      },
      { name: 'horizontal-flip', title: 'Mirror', type: 'boolean', default: false, value: false, active: true },
    ],
    ptz: {
      pan: 0, tilt: 0, zoom: 0, can: { pan: true, tilt: true, zoom: true }, moving: false,
      presets: [{ id: 1, name: 'Front door' }, { id: 2, name: 'Garden' }], kind: 'digital',
    },
    stream: { width: 1280, height: 720, frames_per_second: 30, bitrate_bps: 2_000_000 },
    outputs: [{ name: 'porch', kind: 'light', on: false }, { name: 'night', kind: 'infrared', on: true }],
    settings: [
      { name: 'source', type: 'text', value: 'auto', default: 'auto', origin: 'default',
        description: 'Where pictures come from.', allowed: 'text', needs_restart: true },
      { name: 'width', type: 'integer', value: 1280, default: 640, minimum: 16, maximum: 3840, step: 2,
        origin: 'saved', description: 'Width of the picture.', allowed: 'even numbers from 16 to 3840',
        needs_restart: true },
      { name: 'bitrate', type: 'integer', value: 2000, default: 2000, minimum: 50, maximum: 50000,
        origin: 'default', description: 'Video bitrate in kbit/s.', allowed: '50 to 50000' },
      { name: 'http-port', type: 'integer', value: 8080, default: 8080, minimum: 0, maximum: 65535,
        origin: '--http-port', description: 'TCP port of the page.', allowed: '0 to 65535', fixed: true },
      { name: 'ice-policy', type: 'choice', value: 'all', default: 'all', choices: ['all', 'relay'],
        origin: 'default', description: 'Which addresses are told to viewers.', allowed: 'all or relay' },
      { name: 'open', type: 'boolean', value: false, default: false, origin: 'default',
        description: 'Whoever is in the same network may look without a token.', allowed: 'true or false' },
      { name: 'turn-servers', type: 'list', value: ['turn:turn.example.org'], default: [],
        origin: 'saved', description: 'TURN servers that relay.', allowed: 'up to 4 URLs' },
      { name: 'turn-secret', type: 'text', origin: 'saved', secret: true, is_set: true,
        description: 'Secret shared with the TURN servers.', allowed: 'text' },
      { name: 'log-level', type: 'choice', value: 'info', default: 'info',
        choices: ['debug', 'info', 'warn', 'error'], origin: 'default',
        description: 'How much is logged.', allowed: 'debug, info, warn or error' },
    ],
    device: { name: 'garden', version: '0.4.0', board: 'Raspberry Pi 4', camera: 'Canvas', encoder: 'Chromium' },
    log: [],
    files: {
      snapshots: [],
      recordings: [
        { name: '2026-11-20_22-14-09.mp4', size: 48_200_000, modified_unix_ms: 1795213449000 },
        { name: '2026-11-21_03-41-55.mp4', size: 3_200_000, modified_unix_ms: 1795230115000 },
      ],
      firmware: [],
    },
    blobs: new Map(),
    calls: [],  // Every request, in order.
    bytesPerSecond: Infinity,  // Of file transfers.
  };

  // The picture: brightness and the view change its pixels, as a test can see.
  const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
  const context = canvas.getContext('2d');
  function paint() {
    const value = (name) => state.image.find((control) => control.name === name).value;
    const { pan, tilt, zoom } = state.ptz;
    const factor = 8 ** zoom;
    const room = (1 - 1 / factor) / 2;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.filter = 'none';
    context.translate(640, 360);
    context.scale(factor, factor);
    context.translate(-640 - pan * room * 1280, -360 + tilt * room * 720);
    const sky = context.createLinearGradient(0, 0, 0, 720);
    sky.addColorStop(0, '#31506f');
    sky.addColorStop(0.55, '#c58f6c');
    sky.addColorStop(0.56, '#2d3b2c');
    sky.addColorStop(1, '#1b241c');
    context.fillStyle = sky;
    context.fillRect(0, 0, 1280, 720);
    context.fillStyle = '#f3d9a4';
    context.beginPath();
    context.arc(300, 330, 44, 0, 7);
    context.fill();
    context.fillStyle = '#20262c';
    context.fillRect(760, 250, 300, 230);
    context.beginPath();
    context.moveTo(730, 255);
    context.lineTo(910, 150);
    context.lineTo(1090, 255);
    context.fill();
    context.fillStyle = '#e9b65a';
    context.fillRect(800, 310, 60, 70);
    context.fillRect(950, 310, 60, 70);
    context.fillStyle = '#fff';
    context.font = '22px monospace';
    context.fillText(new Date().toISOString(), 24, 40);
    context.setTransform(1, 0, 0, 1, 0, 0);
    const brightness = value('brightness') / 100;
    context.fillStyle = brightness > 0 ? '#fff' : '#000';
    context.globalAlpha = Math.abs(brightness) * 0.8;
    context.fillRect(0, 0, 1280, 720);
    context.globalAlpha = 1;
  }
  paint();
  setInterval(paint, 33);
  const stream = canvas.captureStream(30);

  const clients = new Set();
  const notify = (topic, method, params) => {
    for (const client of clients) {
      if (client.topics.has(topic)) client.send({ jsonrpc: '2.0', method, params });
    }
  };
  const log = (level, text) => {
    const line = { number: state.log.length + 1, unix_ms: Date.now(), level, text };
    state.log.push(line);
    notify('log', 'log.added', { lines: [line] });
  };
  log('info', 'ocellus 0.4.0 on a page');
  log('warn', 'turn:turn.example.org: no answer, trying again in 5 s');
  log('error', 'recordings: the disk is full');

  class Refusal extends Error {
    constructor(code, message, data) {
      super(message);
      Object.assign(this, { code, data });
    }
  }
  const clamp = (value, least, most) => Math.min(most, Math.max(least, value));
  const range = { pan: [-1, 1], tilt: [-1, 1], zoom: [0, 1] };
  function moveTo(target) {
    for (const [axis, value] of Object.entries(target)) {
      if (value !== undefined && range[axis]) state.ptz[axis] = clamp(value, ...range[axis]);
    }
    notify('ptz', 'ptz.changed', state.ptz);
    return state.ptz;
  }
  let speed = {};
  let driveEnds = 0;
  setInterval(() => {
    if (performance.now() > driveEnds) {
      if (state.ptz.moving) notify('ptz', 'ptz.changed', state.ptz);
      state.ptz.moving = false;
      return;
    }
    for (const axis of Object.keys(range))
      state.ptz[axis] = clamp(state.ptz[axis] + (speed[axis] ?? 0) * 0.03, ...range[axis]);
    notify('ptz', 'ptz.changed', state.ptz);
  }, 50);

  const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, '0')).join('');
  const sha256 = async (blob) => hex(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));

  const find = (list, name) => {
    const found = list.find((one) => one.name === name);
    if (!found) throw new Refusal(-32002, `there is no "${name}"`);
    return found;
  };
  const setSetting = (setting, value, origin) => {
    if (setting.fixed) throw new Refusal(-32004, `${setting.name} is set by ${setting.origin}`);
    if (setting.type === 'integer' && !(value >= setting.minimum && value <= setting.maximum))
      throw new Refusal(-32602, `${setting.name}: takes ${setting.allowed}, not ${value}`);
    if (setting.secret) Object.assign(setting, { is_set: value !== '', origin });
    else Object.assign(setting, { value, origin });
    // After the answer.
    setTimeout(() => notify('settings', 'settings.changed', { setting }), 20);
    return { setting };
  };
  const presetIds = () => state.ptz.presets.map(({ id }) => id);

  const methods = {
    'session.get': (params, client) => ({
      role: client.role, client: '1',
      topics: ['image', 'ptz', 'stream', 'outputs', 'stats', 'files',
        ...(client.role === 'admin' ? ['settings', 'log'] : [])],
      methods: ROLES.slice(0, ROLES.indexOf(client.role) + 1).flatMap((role) => METHODS[role]),
    }),
    'session.log_in': ({ token }, client) => {
      if (!TOKENS[token]) throw new Refusal(-32001, 'this token is wrong');
      client.role = TOKENS[token];
      return { role: client.role };
    },
    'device.get': () => state.device,
    'device.restart': () => ({}),
    'events.subscribe': ({ topics }, client) => { topics.forEach((topic) => client.topics.add(topic)); return { topics }; },
    'events.unsubscribe': ({ topics }, client) => { topics.forEach((topic) => client.topics.delete(topic)); return { topics }; },
    'image.list': () => ({ controls: state.image }),
    'image.set': ({ name, value }) => {
      const control = find(state.image, name);
      if (!control.active) throw new Refusal(-32004, `${control.title} is ruled out by another control`);
      control.value = value;
      const changed = [control];
      if (name === 'exposure-auto') {
        changed.push(find(state.image, 'exposure-time'));
        changed[1].active = !value;
      }
      notify('image', 'image.changed', { complete: false, controls: changed });
      return control;
    },
    'image.reset': () => {
      for (const control of state.image) control.value = control.default;
      find(state.image, 'exposure-time').active = false;
      notify('image', 'image.changed', { complete: true, controls: state.image });
      return { names: state.image.map(({ name }) => name) };
    },
    'ptz.get': () => state.ptz,
    'ptz.move': moveTo,
    'ptz.drive': ({ for_ms: duration = 1000, ...axes }) => {
      speed = axes;
      driveEnds = performance.now() + duration;
      state.ptz.moving = true;
      return state.ptz;
    },
    'ptz.stop': () => { driveEnds = 0; return state.ptz; },
    'ptz.home': () => moveTo({ pan: 0, tilt: 0, zoom: 0 }),
    'ptz.save_preset': ({ name, id = Math.max(0, ...presetIds()) + 1 }) => {
      const { pan, tilt, zoom } = state.ptz;
      state.ptz.presets = [...state.ptz.presets.filter((one) => one.id !== id), { id, name, pan, tilt, zoom }];
      notify('ptz', 'ptz.changed', state.ptz);
      return { id };
    },
    'ptz.go_to_preset': ({ id }) => moveTo({ zoom: 0.4, ...state.ptz.presets.find((one) => one.id === id) }),
    'ptz.delete_preset': ({ id }) => {
      state.ptz.presets = state.ptz.presets.filter((one) => one.id !== id);
      notify('ptz', 'ptz.changed', state.ptz);
      return {};
    },
    'stream.get': () => state.stream,
    'stream.set': (wanted) => {
      Object.assign(state.stream, wanted);
      notify('stream', 'stream.changed', state.stream);
      return state.stream;
    },
    'outputs.list': () => ({ outputs: state.outputs }),
    'outputs.set': ({ name, on }) => {
      find(state.outputs, name).on = on;
      notify('outputs', 'outputs.changed', { outputs: state.outputs });
      return { outputs: state.outputs };
    },
    'snapshot.take': async () => {
      const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', 0.9); });
      const file = { area: 'snapshots', name: `snapshot-${Date.now()}.jpg`, size: blob.size, sha256: await sha256(blob) };
      state.blobs.set(file.name, blob);
      state.files.snapshots.unshift({ name: file.name, size: file.size, modified_unix_ms: Date.now() });
      notify('files', 'files.changed', { area: 'snapshots' });
      return file;
    },
    'files.list': ({ area }, client) => {
      if (area === 'recordings' && client.role === 'viewer')
        throw new Refusal(-32001, 'this needs an operator', { needed_role: 'operator' });
      return { area, total: state.files[area].length, files: state.files[area] };
    },
    'files.delete': ({ area, name }) => {
      state.files[area] = state.files[area].filter((file) => file.name !== name);
      notify('files', 'files.changed', { area });
      return {};
    },
    'settings.list': () => ({ settings: state.settings }),
    'settings.set': ({ name, value }) => setSetting(find(state.settings, name), value, 'saved'),
    'settings.reset': ({ name }) => {
      const setting = find(state.settings, name);
      return setSetting(setting, setting.default, 'default');
    },
    'log.tail': ({ after = 0, most = 100 }) => ({ lines: state.log.filter((line) => line.number > after).slice(-most) }),
  };

  function serveControl(channel, role) {
    const client = { role, topics: new Set(), send: (message) => channel.readyState === 'open' && channel.send(JSON.stringify(message)) };
    clients.add(client);
    channel.onclose = () => clients.delete(client);
    channel.onmessage = async ({ data }) => {
      const { id, method, params } = JSON.parse(data);
      state.calls.push({ method, params });
      let answer;
      try {
        const allowed = methods['session.get']({}, client).methods;
        if (!allowed.includes(method)) throw new Refusal(-32001, `${method} needs more rights`);
        answer = { result: await methods[method](params, client) };
      } catch (error) {
        answer = { error: { code: error.code ?? -32603, message: error.message, data: error.data } };
      }
      client.send({ jsonrpc: '2.0', id, ...answer });
    };
  }

  // Downloads and uploads, at state.bytesPerSecond.
  function serveFile(channel) {
    channel.binaryType = 'arraybuffer';
    channel.bufferedAmountLowThreshold = 128 * 1024;
    const say = (message) => channel.readyState === 'open' && channel.send(JSON.stringify(message));
    let upload;
    let stopped = false;
    const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
    async function send({ name, offset }) {
      const known = Object.values(state.files).flat().find((file) => file.name === name);
      if (!known) return say({ type: 'error', code: -32002, message: `there is no ${name}` });
      const blob = state.blobs.get(name) ?? new Blob([new Uint8Array(known.size)]);
      const digest = await sha256(blob);
      say({ type: 'offer', name, size: blob.size, offset, sha256: digest });
      const started = performance.now();
      for (let at = offset; at < blob.size && !stopped; at += 16384) {
        const bytes = await blob.slice(at, at + 16384).arrayBuffer();
        while (channel.bufferedAmount > 256 * 1024) await pause(5);
        while ((at - offset) / ((performance.now() - started) / 1000 + 0.01) > state.bytesPerSecond) await pause(10);
        if (channel.readyState !== 'open') return undefined;
        channel.send(bytes);
      }
      return stopped || say({ type: 'end', sha256: digest });
    }
    channel.onmessage = async ({ data }) => {
      if (typeof data !== 'string') {
        upload.parts.push(data);
        upload.offset += data.byteLength;
        say({ type: 'progress', offset: upload.offset });
        if (upload.offset === upload.size) {
          const digest = await sha256(new Blob(upload.parts));
          if (digest === upload.sha256) say({ type: 'done', sha256: digest });
          else say({ type: 'error', code: -32602, message: 'the hash is another' });
        }
        return;
      }
      const message = JSON.parse(data);
      if (message.type === 'get') await send(message);
      if (message.type === 'put') {
        upload = { ...message, parts: [], offset: 0 };
        say({ type: 'accept', offset: 0 });
      }
      if (message.type === 'cancel') stopped = true;
    };
  }

  const connections = new Map();

  // Resolves to the answer. `dataChannels` false: a camera that knows none.
  async function answer(id, sdp, role, dataChannels = true) {
    const pc = new RTCPeerConnection();
    connections.set(id, pc);
    pc.ondatachannel = ({ channel }) => {
      if (channel.label === 'control' && channel.protocol === 'ocellus.control.v1') serveControl(channel, role);
      else if (channel.label === 'file') serveFile(channel);
    };
    await pc.setRemoteDescription({ type: 'offer', sdp });
    const [transceiver] = pc.getTransceivers();
    transceiver.direction = 'sendonly';
    await transceiver.sender.replaceTrack(stream.getVideoTracks()[0].clone());
    await pc.setLocalDescription();
    if (pc.iceGatheringState !== 'complete') {
      await new Promise((resolve) => {
        pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve();
        setTimeout(resolve, 500);
      });
    }
    if (dataChannels) return pc.localDescription.sdp;
    return pc.localDescription.sdp.replace(/m=application \d+/, 'm=application 0')
      .replace(/a=group:BUNDLE 0 1/, 'a=group:BUNDLE 0');
  }

  return {
    state,
    answer,
    addCandidates: (id, fragment) => {
      for (const [, candidate] of fragment.matchAll(/^a=(candidate:.*)\r$/gm))
        connections.get(id)?.addIceCandidate({ candidate, sdpMid: '0' });
    },
    hangUp: (id) => { connections.get(id)?.close(); connections.delete(id); },
    log,
    notify,
  };
})();

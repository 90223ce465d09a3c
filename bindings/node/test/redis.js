'use strict';

// A redis-server of a test's own, which can be stopped in the midst of everything.

const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');

function listens(socketPath) {
  return new Promise((resolve) => {
    const socket = net.connect(socketPath, () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

async function redis(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bearerd-redis-'));
  const file = path.join(folder, 'redis.sock');
  const child = spawn('redis-server', ['--port', '0', '--save', '', '--dir', folder, '--unixsocket', file], { stdio: 'ignore' });
  t.after(() => {
    child.kill('SIGKILL');
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const begun = performance.now();
  while (!(await listens(file))) {
    if (child.exitCode !== null || performance.now() - begun > 30_000) throw new Error('redis-server does not start');
    await new Promise(setImmediate);
  }
  return { url: `unix://${file}`, stop: () => child.kill('SIGSTOP'), go: () => child.kill('SIGCONT') };
}

module.exports = { redis };

'use strict';

// A process with the library and two sidecars on one Redis: what one revokes, the others refuse.

const test = require('node:test');
const assert = require('node:assert/strict');
const http = require('node:http');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawn, execFileSync } = require('node:child_process');
const { Verifier } = require('bearerd');
const { guarded } = require('./support');

const REVOCATIONS = 200;
const LIMIT = 1000;
const LONG = 30_000;

function sidecarBinary() {
  const prefix = process.env.LIBBEARERD_PREFIX ?? execFileSync('pkg-config', ['--variable=prefix', 'bearerd'], { encoding: 'utf8' }).trim();
  return path.join(prefix, 'bin', 'bearerd');
}

/** Starts a program and resolves once something listens at `socket`. */
async function started(context, program, args, socket) {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env.PATH } });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  context.after(() => child.kill('SIGKILL'));
  const failed = new Promise((_, reject) => {
    child.on('error', reject);
    child.on('exit', (status) => reject(new Error(`${program} ended with ${status}: ${said}`)));
  });
  failed.catch(() => {});
  const begun = performance.now();
  while (!(await Promise.race([listens(socket), failed]))) {
    assert.ok(performance.now() - begun < LONG, `${program} does not start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function listens(socketPath) {
  return new Promise((resolve) => {
    const socket = require('node:net').connect(socketPath);
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

class Sidecar {
  #agent = new http.Agent({ keepAlive: true });

  constructor(folder) {
    this.data = path.join(folder, 'data.sock');
    this.control = path.join(folder, 'control.sock');
  }

  static async start(context, folder, document) {
    const sidecar = new Sidecar(fs.mkdtempSync(path.join(folder, 'sidecar-')));
    const file = path.join(path.dirname(sidecar.data), 'bearerd.json');
    const server = { data_socket: sidecar.data, control_socket: sidecar.control };
    fs.writeFileSync(file, JSON.stringify({ ...document, server }), { mode: 0o600 });
    await started(context, sidecarBinary(), ['serve', '--config', file], sidecar.control);
    context.after(() => sidecar.#agent.destroy());
    return sidecar;
  }

  post(socketPath, target, body) {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const request = http.request({ socketPath, path: target, method: 'POST', headers, agent: this.#agent }, (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk)).on('end', () => resolve({ status: response.statusCode, ...JSON.parse(text) }));
      });
      request.on('error', reject).end(JSON.stringify(body));
    });
  }

  async verdict(token) {
    const answer = await this.post(this.data, '/v1/verify', { token });
    return answer.status === 200 ? 'OK' : answer.code;
  }

  async revoke(token) {
    const answer = await this.post(this.control, '/v1/revoke', { token });
    assert.equal(answer.status, 200, JSON.stringify(answer));
  }
}

test('a revocation reaches two sidecars and a process with the library within a second', { timeout: 240_000 }, async (context) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bearerd-'));
  context.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const redis = path.join(folder, 'redis.sock');
  await started(context, 'redis-server', ['--port', '0', '--save', '', '--dir', folder, '--unixsocket', redis], redis);
  const document = { ...guarded(), state: `unix://${redis}` };
  const verifier = new Verifier(document);
  const here = {
    name: 'library',
    verdict: async (token) => {
      try {
        return verifier.verify(token) && 'OK';
      } catch (error) {
        return error.code;
      }
    },
    revoke: (token) => verifier.revokeToken(token),
  };
  const all = [here];
  for (const name of ['first sidecar', 'second sidecar']) {
    all.push(Object.assign(await Sidecar.start(context, folder, document), { name }));
  }
  const lags = new Map(all.map(({ name }) => [name, []]));
  for (let number = 0; number < REVOCATIONS; number++) {
    const { token } = verifier.sign({ sub: `user ${number}` });
    for (const process of all) assert.equal(await process.verdict(token), 'OK', process.name);
    // Each of them takes its turn in revoking.
    const revoking = all[number % all.length];
    await revoking.revoke(token);
    assert.equal(await revoking.verdict(token), 'REVOKED', 'at once, where it was taken');
    const answered = performance.now();
    const others = all.filter((process) => process !== revoking);
    await Promise.all(
      others.map(async (process) => {
        while ((await process.verdict(token)) !== 'REVOKED') {
          assert.ok(performance.now() - answered < LIMIT, `${process.name}: not within a second`);
          await new Promise(setImmediate);
        }
        lags.get(process.name).push(performance.now() - answered);
      }),
    );
  }
  for (const [name, list] of lags) {
    list.sort((a, b) => a - b);
    const at = (part) => list[Math.min(list.length - 1, Math.floor(list.length * part))].toFixed(1);
    context.diagnostic(`${name}: ${list.length} revocations of others, median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`);
  }
});

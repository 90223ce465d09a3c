'use strict';

// What users get: packed, installed into an empty project elsewhere, and the README's first example
// run as it stands there.

const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFileSync, spawnSync } = require('node:child_process');

const root = path.join(__dirname, '..');
const { library } = require('../scripts/build');
const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];

function folder(t) {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'bearerd-package-'));
  t.after(() => fs.rmSync(made, { recursive: true }));
  return made;
}

const run = (cwd, command, args, env = {}) => spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...process.env, ...env } });

function succeeds(result) {
  assert.equal(result.status, 0, `${result.stdout}\n${result.stderr}`);
  return result.stdout;
}

/** Packs the folder and gives the tarball. */
function pack(from, to) {
  const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', ...quiet, '--pack-destination', to], { cwd: from, encoding: 'utf8' }));
  return path.join(to, filename.replace('@', '').replace('/', '-'));
}

function project(t) {
  const made = folder(t);
  fs.writeFileSync(path.join(made, 'package.json'), '{"private":true}');
  return made;
}

function firstExample() {
  const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
  return /```js\n([\s\S]*?)```/.exec(readme)[1];
}

function runsFirstExample(where) {
  fs.writeFileSync(path.join(where, 'first.mjs'), firstExample());
  assert.equal(succeeds(run(where, process.execPath, ['first.mjs'])), 'ada\nFORBIDDEN 403\n');
}

const NOWHERE = { LIBBEARERD_PREFIX: '', PKG_CONFIG_LIBDIR: '/nowhere', PKG_CONFIG_PATH: '/nowhere' };

test('with the prebuilt binary: nothing is compiled, the first example runs', (t) => {
  const { prebuilt } = require('../scripts/prebuilt');
  const tarballs = folder(t);
  const where = project(t);
  const packed = [pack(prebuilt(), tarballs), pack(root, tarballs)];
  succeeds(run(where, 'npm', ['install', ...quiet, ...packed], { ...NOWHERE, CC: '/bin/false' }));
  assert.ok(!fs.existsSync(path.join(where, 'node_modules/bearerd/build')));
  assert.ok(!fs.existsSync(path.join(where, 'node_modules/bearerd/test')));
  runsFirstExample(where);
  const express = `const { bearerd } = require('bearerd/express'); const { Verifier } = require('bearerd'); console.log(typeof bearerd, typeof require('bearerd/koa').bearerd, typeof require('bearerd/fastify').bearerd, typeof Verifier)`;
  assert.equal(succeeds(run(where, process.execPath, ['-e', express])), 'function function function function\n');
});

test('from source: built when it is installed, the first example runs', (t) => {
  const where = project(t);
  const { include } = library();
  const packed = pack(root, folder(t));
  succeeds(run(where, 'npm', ['install', ...quiet, packed], { LIBBEARERD_PREFIX: path.dirname(include) }));
  assert.ok(fs.existsSync(path.join(where, 'node_modules/bearerd/build/bearerd.node')));
  runsFirstExample(where);
});

test('with neither, the installation fails and says what to do', (t) => {
  const where = project(t);
  const { status, stderr, stdout } = run(where, 'npm', ['install', ...quiet, pack(root, folder(t))], NOWHERE);
  assert.notEqual(status, 0);
  assert.match(stderr + stdout, /no prebuilt binary for .*libbearerd was not found.*LIBBEARERD_PREFIX/s);
});

test('the example of Express serves', async (t) => {
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, [path.join(root, 'examples/express.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += chunk;
    if (printed.split('\n').length > 2) break;
  }
  const statuses = [];
  for (const [, url, authorization] of printed.matchAll(/curl -i (\S+) -H 'Authorization: (.*)'/g)) {
    statuses.push((await fetch(url, { headers: { authorization } })).status);
  }
  assert.deepEqual(statuses, [200, 403]);
});

'use strict';

// The binary: what it shows to the process, and what it does where it does not fit.

const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFileSync, spawnSync } = require('node:child_process');

const root = path.join(__dirname, '..');
const addon = path.join(root, 'build', 'bearerd.node');
const native = require('../lib/native');

const symbols = (...flags) =>
  execFileSync('nm', ['-D', ...flags, addon], { encoding: 'utf8' })
    .split('\n')
    .filter(Boolean)
    .map((line) => line.trim().split(/\s+/).slice(-2));

test('the addon exports what Node looks for and nothing of the library', () => {
  assert.deepEqual(symbols('--defined-only').map(([, name]) => name), ['napi_register_module_v1', 'node_api_module_get_api_version_v1']);
});

test('the addon needs Node and the C library and nothing else', () => {
  const needed = execFileSync('readelf', ['-d', addon], { encoding: 'utf8' }).match(/\(NEEDED\).*\[(.*)\]/g).map((line) => line.replace(/.*\[(.*)\]/, '$1'));
  for (const name of needed) assert.match(name, /^(libc|libm|libgcc_s|libpthread|libdl|ld-linux.*)\.so/);
  const strong = symbols('--undefined-only').filter(([kind, name]) => kind === 'U' && !/@(GLIBC|GCC)_/.test(name));
  for (const [, name] of strong) assert.match(name, /^(napi|node_api)_/);
  assert.match(execFileSync('readelf', ['-d', addon], { encoding: 'utf8' }), /NODELETE/);
});

function copied(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bearerd-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  for (const part of ['lib', 'scripts', 'package.json']) fs.cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
  return folder;
}

const load = (folder) => spawnSync(process.execPath, ['-e', 'require(process.argv[1])', folder], { encoding: 'utf8', cwd: os.tmpdir() });

test('where there is no addon, the error says what to do', (t) => {
  const { status, stderr } = load(copied(t));
  assert.equal(status, 1);
  assert.match(stderr, /there is no addon for .*optional dependency @bearerd\/.*npm rebuild bearerd/);
});

test('an addon of another version is refused', (t) => {
  const folder = copied(t);
  fs.mkdirSync(path.join(folder, 'build'));
  fs.copyFileSync(addon, path.join(folder, 'build', 'bearerd.node'));
  assert.equal(load(folder).status, 0);
  const file = path.join(folder, 'package.json');
  fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file)), version: '9.9.9' }));
  const { status, stderr } = load(folder);
  assert.equal(status, 1);
  assert.match(stderr, /is of version .* but the package is 9\.9\.9.*npm rebuild bearerd/);
});

test('an addon that is broken is named', (t) => {
  const folder = copied(t);
  fs.mkdirSync(path.join(folder, 'build'));
  fs.writeFileSync(path.join(folder, 'build', 'bearerd.node'), 'x');
  const { status, stderr } = load(folder);
  assert.equal(status, 1);
  assert.match(stderr, /bearerd\.node cannot be loaded/);
});

test('handles of another kind are refused and crash nothing', () => {
  const verifier = native.open('text', JSON.stringify(require('./support').guarded()));
  const guard = native.guard('{"vip":true}');
  const plan = native.plan(verifier, guard, undefined, undefined, 0);
  for (const wrong of [{}, undefined, 1, 'x', () => 1, null]) {
    for (const call of ['describe', 'jwks', 'stats', 'reloadKeys', 'keep', 'drop', 'share', 'held']) assert.throws(() => native[call](wrong), call);
    assert.throws(() => native.authorization(wrong, 'x'));
    assert.throws(() => native.headers(wrong, []));
    assert.throws(() => native.checkHeld(plan, wrong));
  }
  assert.throws(() => native.describe(guard));
  assert.throws(() => native.describe(plan));
  assert.throws(() => native.plan(verifier, verifier, undefined, undefined, 0));
  assert.throws(() => native.headers(plan, ['x']));
  assert.throws(() => native.headers(plan, [1, 2]));
  assert.equal(plan(1), undefined);
  assert.equal(plan(), undefined);
});

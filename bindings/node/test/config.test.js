'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { Verifier } = require('bearerd');
const { SECRET, code, config, fresh, full, hs256 } = require('./support');

function scratch(t) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bearerd-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  return folder;
}

test('TOML, JSON and an object say the same', () => {
  const toml = `[profiles.api]\nalgorithms = ["HS256"]\n[[profiles.api.keys]]\nsecret_base64url = "${SECRET}"\n`;
  const token = hs256(fresh());
  for (const document of [toml, JSON.stringify(config()), config(), Object.assign(Object.create(null), config())]) {
    assert.equal(new Verifier(document).verify(token).sub, 'ada');
  }
});

test('what JSON would drop or change silently is an error that names it', () => {
  for (const [document, named] of [
    [config({ audience: undefined }), /config\.profiles\.api\.audience must be .*undefined/],
    [config({ audience: () => 'x' }), /config\.profiles\.api\.audience/],
    [config({ issuer: new Set(['a']) }), /config\.profiles\.api\.issuer .*Set/],
    [config({ leeway: Infinity }), /config\.profiles\.api\.leeway/],
    [config({ require: [undefined] }), /config\.profiles\.api\.require\[0\]/],
    [undefined, /config must be text or an object/],
    [null, /config must be text or an object/],
    [7, /config must be text or an object/],
    [[], /config must be text or an object/],
    [Buffer.from('{}'), /config must be text or an object/],
    ['', /config is empty/],
  ]) {
    assert.throws(() => new Verifier(document), { name: 'TypeError', message: named });
  }
});

test('a configuration that is wrong is a CONFIG_ERROR that names the key', () => {
  for (const [document, named] of [
    [config({ audiance: 'x' }), /audiance/],
    [config({ algorithms: ['HS257'] }), /HS257/],
    [config({ keys: [] }), /key/],
    ['[profiles', /./],
    [{}, /profiles/],
  ]) {
    assert.throws(() => new Verifier(document), (error) => code('CONFIG_ERROR')(error) && named.test(error.message) && error.status === 0 && !error.message.includes(SECRET));
  }
});

test('new is needed, and subclasses work', () => {
  assert.throws(() => Verifier(config()), TypeError);
  class Ours extends Verifier {}
  assert.equal(new Ours(config()).verify(hs256(fresh())).sub, 'ada');
});

test('from a file', (t) => {
  const file = path.join(scratch(t), 'bearerd.json');
  fs.writeFileSync(file, JSON.stringify(config()), { mode: 0o600 });
  const verifier = Verifier.fromFile(file);
  assert.ok(verifier instanceof Verifier);
  assert.equal(verifier.verify(hs256(fresh())).sub, 'ada');
  assert.throws(() => Verifier.fromFile(`${file}.not`), (error) => code('CONFIG_ERROR')(error) && error.message.includes('bearerd.json.not'));
  assert.throws(() => Verifier.fromFile(), TypeError);
  assert.throws(() => Verifier.fromFile(new URL(`file://${file}`)), TypeError);
});

test('keys of a file are read again', (t) => {
  const file = path.join(scratch(t), 'secret');
  const other = 'c1Pq0Zr7Yk3Jt9Wm5Xn2Vb8Lh4Gd6Fs0Aa1Ss3Dd5FE';
  fs.writeFileSync(file, SECRET, { mode: 0o600 });
  const verifier = new Verifier(config({ keys: [{ secret_file: file, encoding: 'base64url' }] }));
  const token = hs256(fresh());
  verifier.verify(token);
  fs.writeFileSync(file, other);
  verifier.verify(token);
  verifier.reloadKeys();
  assert.throws(() => verifier.verify(token), code('INVALID_SIGNATURE'));
  assert.equal(verifier.verify(hs256(fresh(), { secret: other })).sub, 'ada');
  fs.rmSync(file);
  assert.throws(() => verifier.reloadKeys(), (error) => error.name === 'BearerError' && error.message.includes(file));
  assert.equal(verifier.verify(hs256(fresh(), { secret: other })).sub, 'ada');
});

test('from the environment', (t) => {
  const run = (env) =>
    spawnSync(process.execPath, ['-e', `const {Verifier}=require('bearerd'); try { console.log(Verifier.fromEnv().verify(process.argv[1]).sub) } catch (e) { console.log(e.code, e.message) }`, hs256(full(), { secret: Buffer.from(SECRET).toString('base64url') })], {
      cwd: __dirname,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...env },
    }).stdout;
  assert.equal(run({ JWT_SECRET: SECRET }), 'ada\n');
  assert.match(run({ JWT_SECRET: SECRET.toLowerCase() }), /^INVALID_SIGNATURE/);
  assert.match(run({}), /^CONFIG_ERROR.*(BEARERD_CONFIG|JWT_)/);
  const file = path.join(scratch(t), 'c.json');
  fs.writeFileSync(file, JSON.stringify(config({ keys: [{ secret: SECRET }] })), { mode: 0o600 });
  assert.equal(run({ BEARERD_CONFIG: file }), 'ada\n');
});

test('describe and stats', () => {
  const verifier = new Verifier(config({ token_from: ['bearer', 'cookie:sid'], cache: { max_entries: 16 } }));
  assert.deepEqual(verifier.describe(), {
    default_profile: 'api',
    slots: 16,
    guards: [],
    profiles: { api: { algorithms: ['HS256'], token_from: ['bearer', 'cookie:sid'], signs: false, rotates: false, sessions: false, pats: false } },
  });
  verifier.verify(hs256(fresh()));
  for (const stats of [verifier.stats(), verifier.stats('api')]) {
    assert.equal(stats.entries, 1);
    assert.equal(stats.misses, 1);
    assert.equal(stats.slots, 16);
  }
  assert.throws(() => verifier.stats('nobody'), (error) => error.name === 'BearerError');
});

'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { Verifier } = require('bearerd');
const { code, config, guarded, hs256, fresh, now } = require('./support');

const decode = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

test('what is signed verifies', () => {
  const verifier = new Verifier(guarded());
  const { token, expiresAt } = verifier.sign({ sub: 'ada', roleId: 4, name: 'Ädä 😀' });
  assert.ok(Math.abs(expiresAt - now() - 900) <= 2);
  const claims = verifier.verify(token, { guard: { roles: [4] } });
  assert.equal(claims.name, 'Ädä 😀');
  assert.equal(claims.exp, expiresAt);
  const refresh = verifier.sign({ sub: 'ada' }, { kind: 'refresh', ttl: 60, profile: 'api' });
  assert.ok(Math.abs(refresh.expiresAt - now() - 60) <= 2);
  assert.throws(() => verifier.verify(refresh.token), code('WRONG_TOKEN_KIND'));
  assert.equal(verifier.verify(refresh.token, { kind: 'refresh' }).sub, 'ada');
});

test('a token without exp, where the profile allows it', () => {
  const verifier = new Verifier(guarded({ expiration: 'optional' }));
  const { token, expiresAt } = verifier.sign({ sub: 'ada' }, { ttl: 'none' });
  assert.equal(expiresAt, null);
  assert.equal(verifier.verify(token).exp, undefined);
});

test('a pair, and its rotation: spent once', async () => {
  const verifier = new Verifier(guarded({ rotation: { grace: '0s' } }));
  const pair = verifier.signPair({ sub: 'ada', roleId: 4 });
  assert.equal(verifier.verify(pair.access).sub, 'ada');
  assert.equal(decode(pair.refresh).exp, pair.refreshExpiresAt);
  assert.equal(decode(pair.access).exp, pair.accessExpiresAt);
  const next = await verifier.rotate(pair.refresh, { set: { roleId: 5 }, remove: ['vip'] });
  assert.equal(verifier.verify(next.access, { guard: { roles: [5] } }).roleId, 5);
  assert.equal(next.payload.roleId, 5);
  await assert.rejects(verifier.rotate(pair.access), code('WRONG_TOKEN_KIND'));
  await assert.rejects(verifier.rotate(pair.refresh), code('REUSED'));
  await assert.rejects(verifier.rotate(next.refresh), (error) => ['REUSED', 'REVOKED'].includes(error.code));
});

test('claims and options that are wrong are named', async () => {
  const verifier = new Verifier(guarded());
  for (const [call, named] of [
    [() => verifier.sign('sub=ada'), /claims must be an object/],
    [() => verifier.sign({ sub: undefined }), /claims\.sub/],
    [() => verifier.sign({ n: NaN }), /claims\.n/],
    [() => verifier.sign({ n: 1n }), /claims\.n/],
    [() => verifier.sign({ at: new Date() }), /claims\.at/],
    [() => verifier.sign({ list: [() => 1] }), /claims\.list\[0\]/],
    [() => verifier.sign({ 'a\ud800': 1 }), /claims/],
    [() => verifier.sign({ sub: 'ada' }, { kind: 'any' }), /options\.kind/],
    [() => verifier.sign({ sub: 'ada' }, { ttl: -1 }), /options\.ttl/],
    [() => verifier.sign({ sub: 'ada' }, { ttl: undefined }), /options\.ttl/],
    [() => verifier.sign({ sub: 'ada' }, { expires: 1 }), /"expires"/],
    [() => verifier.signPair({ sub: 'ada' }, { kind: 'access' }), /"kind"/],
    [() => verifier.rotate(7), /refresh must be a string/],
    [() => verifier.rotate('x', { set: [] }), /options\.set/],
    [() => verifier.rotate('x', { remove: 'vip' }), /options\.remove/],
    [() => verifier.revokeToken(undefined), /token must be a string/],
    [() => verifier.revokeHandle({}), /handle must be a string/],
    [() => verifier.revokeSubject('ada', { before: 1 }), /"before"/],
    [() => verifier.revokeSubject('ada', { issuedBefore: 1.5 }), /options\.issuedBefore/],
    [() => verifier.revokeSubject('ada', { issuedBefore: new Date(NaN) }), /options\.issuedBefore/],
    [() => verifier.revokeFamily('f', { profile: undefined }), /options\.profile/],
    [() => verifier.replaceKeys('api', undefined), /jwks must be text or an object/],
    [() => verifier.stats(7), /profile must be a string/],
  ]) {
    await assert.rejects(async () => call(), { name: 'TypeError', message: named });
  }
  const loop = {};
  loop.loop = loop;
  assert.throws(() => verifier.sign(loop), TypeError);
  assert.throws(() => verifier.sign({ sub: 'ada' }, { ttl: 'soon' }), code('VALIDATION_ERROR'));
  assert.throws(() => verifier.sign({ sub: 'ada' }, { profile: 'nobody' }), (error) => error.name === 'BearerError');
});

test('revocations hold once they are answered', async () => {
  const verifier = new Verifier(guarded());
  const tokens = ['a', 'b', 'c', 'd'].map((sub) => hs256(fresh({ sub, jti: `h-${sub}`, family: `f-${sub}`, iat: now() - 100, tokenType: 'access' })));
  for (const token of tokens) assert.equal(verifier.verify(token), verifier.verify(token));
  await verifier.revokeToken(tokens[0]);
  await verifier.revokeHandle('h-b', { profile: 'api' });
  await verifier.revokeFamily('f-c');
  await verifier.revokeSubject('d', { issuedBefore: now() - 50 });
  for (const token of tokens) assert.throws(() => verifier.verify(token), code('REVOKED'));
  assert.ok(verifier.verify(hs256(fresh({ sub: 'd', tokenType: 'access' }))));
  await verifier.revokeSubject('d', { issuedBefore: new Date() });
  assert.throws(() => verifier.verify(hs256(fresh({ sub: 'd', iat: now() - 5, tokenType: 'access' }))), code('REVOKED'));
  assert.ok(verifier.stats().revocations >= 4);
});

test('public keys are published, secrets are not', () => {
  const pair = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { profiles } = config();
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' });
  const verifier = new Verifier({ default_profile: 'api', profiles: { ...profiles, rsa: { algorithms: ['RS256'], keys: [{ pem, kid: 'k1' }], sign: {} } } });
  const { keys } = verifier.jwks();
  assert.deepEqual(keys.map((key) => [key.kid, key.kty, key.d]), [['k1', 'RSA', undefined]]);
  const [head, body, signature] = verifier.sign({ sub: 'ada' }, { profile: 'rsa' }).token.split('.');
  assert.ok(crypto.verify('sha256', Buffer.from(`${head}.${body}`), pair.publicKey, Buffer.from(signature, 'base64url')));
  assert.deepEqual(verifier.describe().profiles.rsa.signs, true);
  assert.throws(() => verifier.sign({ sub: 'ada' }), (error) => error.name === 'BearerError');
});

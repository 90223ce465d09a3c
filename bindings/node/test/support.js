'use strict';

// Tokens made without the library, so that what it accepts is what others issue.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { codes } = require('bearerd');

const SECRET = 'vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEM';
const now = () => Math.floor(Date.now() / 1000);
const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function hs256(claims, { secret = SECRET, header = { alg: 'HS256', typ: 'JWT' } } = {}) {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${crypto.createHmac('sha256', Buffer.from(secret, 'base64url')).update(input).digest('base64url')}`;
}

function rs256(claims, key, kid) {
  const input = `${encode({ alg: 'RS256', typ: 'JWT', kid })}.${encode(claims)}`;
  return `${input}.${crypto.sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

/** Claims that hold for an hour. Issued a second ago, as the library's clock may be some milliseconds
 * behind ours. */
function fresh(more = {}) {
  return { sub: 'ada', iat: now() - 1, exp: now() + 3600, jti: crypto.randomUUID(), ...more };
}

/** A configuration of one profile over SECRET. */
function config(profile = {}, more = {}) {
  return { profiles: { api: { algorithms: ['HS256'], keys: [{ secret_base64url: SECRET }], ...profile } }, ...more };
}

const CLAIMS = { role: 'roleId', team: 'teamId', device: 'deviceId', kind: { claim: 'tokenType' } };

/** The same with the claims that guards look at, a guard by name, and signing. */
function guarded(profile = {}) {
  return config({ claims: CLAIMS, sign: { access: '15m', refresh: '7d' }, rotation: {}, ...profile }, { guards: { orders: { scopes: ['read:orders'] } } });
}

/** Claims that satisfy what the guards of the tests ask. */
function full(more = {}) {
  return fresh({ tokenType: 'access', roleId: 4, vip: true, teamId: 't1', scope: ['read:orders', 'write:orders'], deviceId: 'd1', ...more });
}

function code(expected) {
  return (error) => error.name === 'BearerError' && error.code === expected;
}

/** An answer of the middleware: as the sidecar gives it. */
function assertRefused(answer, name) {
  const { status, message } = codes[name];
  assert.equal(answer.status, status, name);
  assert.deepEqual(answer.json(), { code: name, message, status });
  assert.match(answer.headers['content-type'], /^application\/json(; charset=utf-8)?$/);
  assert.equal(answer.headers['cache-control'], 'no-store');
  const challenge = answer.headers['www-authenticate'];
  if (name === 'MISSING_TOKEN') assert.equal(challenge, 'Bearer');
  else assert.equal(challenge, `Bearer error="${status === 403 ? 'insufficient_scope' : 'invalid_token'}", error_description="${message}"`);
}

module.exports = { SECRET, CLAIMS, now, encode, hs256, rs256, fresh, full, config, guarded, code, assertRefused };

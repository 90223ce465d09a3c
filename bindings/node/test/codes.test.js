'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { BearerError, codes } = require('bearerd');
const { answerTo } = require('../lib/answer');

const golden = fs
  .readFileSync(path.join(__dirname, '../../../tests/golden/codes.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(' '));

test('the table is the one of every language', () => {
  const ours = Object.values(codes).map(({ number, code, status }) => `${number} ${code} ${status}`);
  assert.deepEqual(ours, golden.map((row) => row.join(' ')));
  assert.ok(Object.isFrozen(codes) && Object.values(codes).every(Object.isFrozen));
});

test('every code makes an error, and an answer where it has a status', () => {
  for (const [number, name, status] of golden) {
    const error = new BearerError(Number(number));
    assert.deepEqual([error.code, error.number, error.status], [name, Number(number), Number(status)]);
    const { status: sent, body, headers } = answerTo(error);
    assert.equal(sent, Number(status) || 500);
    assert.equal(headers['cache-control'], 'no-store');
    if (Number(status)) assert.deepEqual(JSON.parse(body), { code: name, message: codes[name].message, status: Number(status) });
  }
});

test('challenges follow RFC 6750', () => {
  const challenge = (name) => answerTo(new BearerError(codes[name].number)).headers['www-authenticate'];
  assert.equal(challenge('MISSING_TOKEN'), 'Bearer');
  assert.equal(challenge('UNAUTHORIZED'), 'Bearer');
  assert.equal(challenge('EXPIRED'), 'Bearer error="invalid_token", error_description="The token has expired."');
  for (const name of ['FORBIDDEN', 'DEVICE_MISMATCH', 'WRONG_TOKEN_KIND']) {
    assert.equal(challenge(name), `Bearer error="insufficient_scope", error_description="${codes[name].message}"`);
  }
  for (const name of ['HOST_REFUSED', 'KEYS_UNAVAILABLE', 'STORE_UNAVAILABLE', 'TOO_LARGE']) assert.equal(challenge(name), undefined);
  assert.equal(answerTo(new BearerError(codes.KEYS_UNAVAILABLE.number)).status, 503);
  assert.equal(answerTo(new TypeError('x')), undefined);
});

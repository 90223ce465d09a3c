'use strict';

// The objects that the binding keeps: never that of another token, and bounded.

const test = require('node:test');
const assert = require('node:assert/strict');
const { Verifier } = require('bearerd');
const { code, config, fresh, hs256, now, rs256 } = require('./support');
const crypto = require('node:crypto');

assert.ok(globalThis.gc, 'run with --expose-gc');

test('slots that are used again answer for the new token alone', () => {
  const verifier = new Verifier(config({ cache: { max_entries: 8 } }));
  const tokens = Array.from({ length: 200 }, (_, i) => [hs256(fresh({ n: i })), i]);
  for (let round = 0; round < 20; round++) {
    for (const [token, i] of tokens) {
      assert.equal(verifier.verify(token).n, i);
      assert.equal(verifier.verify(token).n, i);
    }
  }
  const { slots, evicted, hits } = verifier.stats();
  assert.equal(slots, 8);
  assert.ok(evicted > 1000 && hits > 1000, `${evicted} evicted, ${hits} hits`);
});

test('profiles share no slot', () => {
  const { profiles } = config();
  const verifier = new Verifier({ profiles: { a: { ...profiles.api, audience: 'a' }, b: { ...profiles.api, audience: 'b' } }, default_profile: 'a' });
  const tokens = Array.from({ length: 500 }, (_, i) => ({ i, a: hs256(fresh({ aud: 'a', n: `a${i}` })), b: hs256(fresh({ aud: 'b', n: `b${i}` })) }));
  for (let round = 0; round < 3; round++) {
    for (const { i, a, b } of tokens) {
      assert.equal(verifier.verify(a, { profile: 'a' }).n, `a${i}`);
      assert.equal(verifier.verify(b, { profile: 'b' }).n, `b${i}`);
      assert.throws(() => verifier.verify(a, { profile: 'b' }), code('INVALID_CLAIM'));
    }
  }
});

test('a kept object answers for no token that no longer holds', async () => {
  const verifier = new Verifier(config({ sign: {} }));
  const [one, two, three] = [fresh(), fresh({ sub: 'bob', iat: now() - 5 }), fresh()].map((claims) => hs256(claims));
  for (const token of [one, two, three]) assert.ok(verifier.verify(token) === verifier.verify(token));
  await verifier.revokeToken(one);
  assert.throws(() => verifier.verify(one), code('REVOKED'));
  await verifier.revokeSubject('bob');
  assert.throws(() => verifier.verify(two), code('REVOKED'));
  assert.ok(verifier.verify(three));
});

test('a kept object dies with its key, and a key that returns is verified again', () => {
  const [old, young] = [1, 2].map(() => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }));
  const set = (pair) => ({ keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }] });
  const verifier = new Verifier({ profiles: { api: { algorithms: ['RS256'], keys: [{ jwks: JSON.stringify(set(old)) }] } } });
  const token = rs256(fresh(), old.privateKey, 'k');
  const claims = verifier.verify(token);
  assert.equal(verifier.verify(token), claims);
  verifier.replaceKeys('api', set(young));
  assert.throws(() => verifier.verify(token), code('INVALID_SIGNATURE'));
  verifier.replaceKeys(undefined, JSON.stringify(set(old)));
  assert.deepEqual(verifier.verify(token), claims);
});

test('objects are bounded by what they weigh, and a dropped one is built again', () => {
  // 64 slots keep 32 kB of claims; each of these has 4 kB.
  const verifier = new Verifier(config({ cache: { max_entries: 64 } }));
  const tokens = Array.from({ length: 64 }, (_, n) => hs256(fresh({ n, fill: String(n).repeat(4000).slice(0, 4000) })));
  const first = tokens.map((token) => verifier.verify(token));
  let same = 0;
  tokens.forEach((token, n) => {
    const claims = verifier.verify(token);
    assert.equal(claims.n, n);
    same += claims === first[n] ? 1 : 0;
  });
  assert.ok(same < 32, `${same} of 64 objects of 4 kB were kept`);
});

test('tokens that are never seen again leave no objects behind', () => {
  const verifier = new Verifier(config({ cache: { max_entries: 1024 } }));
  const churn = (count) => {
    for (let i = 0; i < count; i++) verifier.verify(hs256(fresh({ i, fill: 'x'.repeat(200) })));
    gc();
    return process.memoryUsage().heapUsed;
  };
  churn(10_000);
  const before = churn(10_000);
  const after = churn(40_000);
  assert.ok(after - before < 2 << 20, `${after - before} bytes more`);
});

test('verifiers and what belongs to them are freed', async () => {
  const rounds = async (count) => {
    for (let i = 0; i < count; i++) {
      const verifier = new Verifier(config({ cache: { max_entries: 4096 } }));
      const guard = verifier.guard({ not: { roles: [1] } });
      for (const options of [undefined, verifier.options({ kind: 'any' }), { device: 'd'.repeat(500) }]) verifier.verify(hs256(fresh()), options);
      assert.throws(() => verifier.verify(hs256(fresh()), { guard }), code('FORBIDDEN'));
      if (i % 4 === 0) {
        gc();
        await new Promise(setImmediate);
      }
    }
    return process.memoryUsage().rss;
  };
  const before = await rounds(100);
  const after = await rounds(400);
  assert.ok(after - before < 32 << 20, `${(after - before) >> 20} MiB more after 400 verifiers`);
});

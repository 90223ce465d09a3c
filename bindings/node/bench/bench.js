'use strict';

// Verification in one process, rivals in many short interleaved rounds, medians: what the machine does
// besides then strikes both sides of a ratio. Every iteration slices its
// token from a header value anew: one string object given again and again hides what hashing costs.

const crypto = require('node:crypto');
const fs = require('node:fs');
const assert = require('node:assert/strict');
const { Verifier } = require('..');
const fastJwt = require('fast-jwt');
const jsonwebtoken = require('jsonwebtoken');

const TOKENS = Number(process.env.TOKENS ?? 500);
const ROUNDS = Number(process.env.ROUNDS ?? 101);
const ROUND_MS = Number(process.env.ROUND_MS ?? 25);

const secret = crypto.randomBytes(32);
const rsa = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' });
const now = Math.floor(Date.now() / 1000);

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function claimsOf(i) {
  const claims = {
    sub: `user-${String(i).padStart(6, '0')}`,
    iat: now - 60,
    exp: now + 86_400,
    jti: crypto.randomUUID(),
    tokenType: 'access',
    roleId: 4,
    vip: true,
    teamId: 'team-0042',
    scope: ['read:orders', 'write:orders', 'read:invoices'],
    deviceId: '',
  };
  claims.deviceId = crypto.randomBytes(64).toString('hex').slice(0, 251 - JSON.stringify(claims).length);
  assert.equal(JSON.stringify(claims).length, 251);
  return claims;
}

const suites = {
  S: {
    header: { alg: 'HS256', typ: 'JWT' },
    sign: (input) => crypto.createHmac('sha256', secret).update(input).digest('base64url'),
    profile: { algorithms: ['HS256'], keys: [{ secret_base64url: secret.toString('base64url') }] },
    key: secret,
    joseKey: secret,
  },
  R: {
    header: { alg: 'RS256', typ: 'JWT', kid: 'key-2025-01' },
    sign: (input) => crypto.sign('sha256', Buffer.from(input), rsa.privateKey).toString('base64url'),
    profile: { algorithms: ['RS256'], keys: [{ pem: publicPem, kid: 'key-2025-01' }] },
    key: publicPem,
    joseKey: rsa.publicKey,
  },
};

const claimNames = { role: 'roleId', team: 'teamId', device: 'deviceId', kind: { claim: 'tokenType' } };

function verifierOf(suite, cache) {
  return new Verifier({ profiles: { api: { ...suite.profile, claims: claimNames, cache } } });
}

async function contenders(name, jose) {
  const suite = suites[name];
  const alg = suite.header.alg;
  const cached = verifierOf(suite, {});
  const cold = verifierOf(suite, { max_entries: 0 });
  const guard = cached.options({ guard: { roles: [4], scopes: ['read:orders'], token: 'access' } });
  const fastOn = fastJwt.createVerifier({ key: suite.key, algorithms: [alg], cache: true });
  const fastOff = fastJwt.createVerifier({ key: suite.key, algorithms: [alg], cache: false });
  const nodeKey = alg === 'HS256' ? crypto.createSecretKey(secret) : crypto.createPublicKey(publicPem);
  const algorithms = { algorithms: [alg] };
  return {
    baseline: (token) => ({ sub: token }),
    'bearerd cached': (token) => cached.verify(token),
    'bearerd cached, guard': (token) => cached.verify(token, guard),
    'bearerd cold': (token) => cold.verify(token),
    'fast-jwt cache on': (token) => fastOn(token),
    'fast-jwt cache off': (token) => fastOff(token),
    jsonwebtoken: (token) => jsonwebtoken.verify(token, nodeKey, algorithms),
    jose: async (token) => (await jose.jwtVerify(token, suite.joseKey, algorithms)).payload,
  };
}

const isAsync = (name) => name === 'jose';

/** The timed loop, compiled for each contender apart: what the engine learns of one must not slow
 * another, as an application has one of them. */
function turnOf(name) {
  const wait = isAsync(name) ? 'await ' : '';
  return new Function(
    'verify',
    'headers',
    'count',
    `return (${wait ? 'async ' : ''}() => {
      let length = 0;
      const start = process.hrtime.bigint();
      for (let i = 0, at = 0; i < count; i++) {
        length += (${wait}verify(headers[at].slice(7))).sub.length;
        if (++at === headers.length) at = 0;
      }
      const spent = Number(process.hrtime.bigint() - start);
      if (length < count * 11) throw new Error('a subject is missing');
      return spent / count;
    })()`,
  );
}

function shuffled(list) {
  const rest = [...list];
  return list.map(() => rest.splice(crypto.randomInt(rest.length), 1)[0]);
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

async function run(name, jose) {
  const suite = suites[name];
  const claims = Array.from({ length: TOKENS }, (_, i) => claimsOf(i));
  const headers = claims.map((one) => {
    const input = `${encode(suite.header)}.${encode(one)}`;
    // Through a buffer, as a header comes from the parser: one flat string.
    return Buffer.from(`Bearer ${input}.${suite.sign(input)}`).toString('latin1');
  });
  const all = await contenders(name, jose);
  for (const [who, verify] of Object.entries(all)) {
    if (who === 'baseline') continue;
    for (let i = 0; i < TOKENS; i++) assert.deepEqual({ ...(await verify(headers[i].slice(7))) }, claims[i], who);
    const bad = `${headers[0].slice(7, -4)}AAAA`;
    await assert.rejects(async () => verify(bad), undefined, `${who} accepts a wrong signature`);
  }
  const counts = {};
  const times = {};
  const turns = {};
  for (const who of Object.keys(all)) {
    turns[who] = turnOf(who);
    await turns[who](all[who], headers, 3000);
    const once = await turns[who](all[who], headers, 3000);
    counts[who] = Math.max(200, Math.ceil((ROUND_MS * 1e6) / once));
    times[who] = [];
  }
  for (let round = 0; round < ROUNDS; round++) {
    // In another order each time: whoever comes after a long turn may be preempted in it.
    for (const who of shuffled(Object.keys(all))) times[who].push(await turns[who](all[who], headers, counts[who]));
  }
  return { length: headers[0].length - 7, times };
}

function row(label, ratio, goal) {
  const verdict = goal === undefined ? '' : ratio >= goal ? `  goal ${goal}: reached` : `  goal ${goal}: NOT reached`;
  console.log(`  ${label.padEnd(52)} ${ratio.toFixed(2).padStart(8)}${verdict}`);
}

/** Keeps figures for the report: one line of JSON each, in the file that BEARERD_BENCH_RECORD names. */
function record(group, times) {
  const file = process.env.BEARERD_BENCH_RECORD;
  if (!file) return;
  for (const [name, list] of Object.entries(times)) {
    fs.appendFileSync(file, `${JSON.stringify({ group, name, unit: 'ns', rounds: list })}\n`);
  }
}

async function main() {
  const jose = await import('jose');
  for (const name of ['S', 'R']) {
    const { length, times } = await run(name, jose);
    record(`Node: ${suites[name].header.alg}`, times);
    const ns = Object.fromEntries(Object.entries(times).map(([who, list]) => [who, median(list)]));
    console.log(`\n${name}: ${suites[name].header.alg}, tokens of ${length} characters, ${TOKENS} in turn, medians of ${ROUNDS} rounds, ns each`);
    for (const who of Object.keys(ns)) console.log(`  ${who.padEnd(24)} ${ns[who].toFixed(0).padStart(8)}`);
    // Ratios round by round, so that a drifting clock is in both sides.
    const ratio = (of, to) => median(times[of].map((value, i) => value / times[to][i]));
    row('fast-jwt cache on to bearerd cached', ratio('fast-jwt cache on', 'bearerd cached'), 12);
    row('fast-jwt cache off to bearerd cached', ratio('fast-jwt cache off', 'bearerd cached'), name === 'S' ? 40 : 100);
    row('fast-jwt cache off to bearerd cold', ratio('fast-jwt cache off', 'bearerd cold'), name === 'S' ? 1.5 : 1.1);
    row('jsonwebtoken to bearerd cached', ratio('jsonwebtoken', 'bearerd cached'));
    row('jsonwebtoken to bearerd cold', ratio('jsonwebtoken', 'bearerd cold'));
    row('jose to bearerd cached', ratio('jose', 'bearerd cached'));
    row('jose to bearerd cold', ratio('jose', 'bearerd cold'));
    row('bearerd cached with a guard to without', ratio('bearerd cached, guard', 'bearerd cached'));
  }
}

main();

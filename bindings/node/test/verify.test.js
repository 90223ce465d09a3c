'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const { BearerError, Verifier } = require('bearerd');
const { SECRET, code, config, fresh, full, guarded, hs256, now } = require('./support');

test('claims of a token that holds, equal to what was signed', () => {
  const verifier = new Verifier(config());
  const claims = fresh({ nested: { list: [1, { deep: 'ä→😀' }], no: null } });
  assert.deepEqual(verifier.verify(hs256(claims)), claims);
});

test('one token, one object; another token, another object', () => {
  const verifier = new Verifier(config());
  const [one, two] = [hs256(fresh()), hs256(fresh())];
  const claims = verifier.verify(one);
  assert.equal(verifier.verify(` ${one}`.slice(1)), claims);
  assert.notEqual(verifier.verify(two), claims);
  assert.equal(verifier.verify(one), claims);
});

test('claims are frozen, all the way down', () => {
  for (const profile of [{}, { cache: { max_entries: 0 } }]) {
    const claims = new Verifier(config(profile)).verify(hs256(fresh({ scope: ['a'], deep: { list: [{ x: 1 }] } })));
    assert.throws(() => (claims.sub = 'eve'), TypeError);
    assert.throws(() => (claims.more = 1), TypeError);
    assert.throws(() => claims.scope.push('admin'), TypeError);
    assert.throws(() => (claims.deep.list[0].x = 2), TypeError);
  }
});

test('without a cache the claims are built each time', () => {
  const verifier = new Verifier(config({ cache: { max_entries: 0 } }));
  const token = hs256(fresh());
  const claims = verifier.verify(token);
  assert.deepEqual(verifier.verify(token), claims);
  assert.notEqual(verifier.verify(token), claims);
});

test('refusals carry code, number, status and words without the token', () => {
  const verifier = new Verifier(config());
  const cases = [
    ['', 'MALFORMED'],
    ['a.b', 'MALFORMED'],
    [hs256(fresh(), { secret: 'x'.repeat(43) }), 'INVALID_SIGNATURE'],
    [hs256(fresh({ exp: now() - 10 })), 'EXPIRED'],
    [hs256(fresh({ nbf: now() + 1000 })), 'NOT_YET_VALID'],
    [hs256({ sub: 'ada' }), 'INVALID_CLAIM'],
    [hs256(fresh(), { header: { alg: 'none' } }), 'UNSUPPORTED_ALG'],
    ['x'.repeat(100_000), 'MALFORMED'],
    [`${hs256(fresh())}\0`, 'MALFORMED'],
    ['x'.repeat(10_000_000), 'MALFORMED'],
  ];
  for (const [token, expected] of cases) {
    assert.throws(
      () => verifier.verify(token),
      (error) => {
        assert.ok(error instanceof BearerError && error instanceof Error);
        assert.equal(error.code, expected);
        assert.equal(error.status, 401);
        assert.ok(error.number >= 200);
        if (token.length > 4) assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes(token.slice(0, 1000)));
        return true;
      },
      expected,
    );
  }
});

test('a character above U+00FF is not the byte that it ends in, cached or not', () => {
  // Narrowed to a byte, U+0141 is "A", and this token would be the good one.
  for (const profile of [{}, { cache: { max_entries: 0 } }]) {
    const verifier = new Verifier(config(profile));
    const token = hs256(fresh());
    const at = token.lastIndexOf('A') > 0 ? token.lastIndexOf('A') : token.length - 1;
    const narrow = token.charCodeAt(at);
    const options = verifier.options({ device: 'd' });
    const wide = [0x100, 0x4100, 0xff00].map((high) => token.slice(0, at) + String.fromCharCode(high | narrow) + token.slice(at + 1));
    const refuseAll = () => {
      for (const bad of wide) {
        assert.throws(() => verifier.verify(bad), code('MALFORMED'));
        assert.throws(() => verifier.verify(bad, options), code('MALFORMED'));
        assert.throws(() => verifier.verify(bad, { kind: 'any' }), code('MALFORMED'));
        assert.throws(() => verifier.verifyAuthorization(`Bearer ${bad}`), code('MALFORMED'));
        assert.throws(() => verifier.verifyHeaders(['authorization', `Bearer ${bad}`]), code('MALFORMED'));
        assert.equal(verifier.verifyMany([bad])[0].error.code, 'MALFORMED');
        assert.equal(verifier.explain(bad).code, 'MALFORMED');
      }
    };
    refuseAll();
    verifier.verify(token);
    verifier.verify(token);
    refuseAll();
  }
});

test('U+0141 in the place of A is refused, also after the good token was cached', () => {
  const verifier = new Verifier(config());
  // Some token with an A in it; most have one.
  let token;
  do token = hs256(fresh());
  while (!token.includes('A'));
  const bad = token.replaceAll('A', '\u0141');
  assert.throws(() => verifier.verify(bad), code('MALFORMED'));
  verifier.verify(token);
  assert.throws(() => verifier.verify(bad), code('MALFORMED'));
});

test('bytes and surrogates that no token has', () => {
  const verifier = new Verifier(config());
  const token = hs256(fresh());
  verifier.verify(token);
  for (const bad of ['\u00c1', '\ud800', '\udc41', '\ufffd', '\u{1f600}', ' ', '\t', '\0']) {
    for (const at of [0, 5, token.length >> 1, token.length]) {
      assert.throws(() => verifier.verify(token.slice(0, at) + bad + token.slice(at)), code('MALFORMED'), JSON.stringify(bad));
    }
  }
});

test('strings of every inner form are read alike', () => {
  const verifier = new Verifier(config());
  const token = hs256(fresh());
  const claims = verifier.verify(token);
  const half = token.length >> 1;
  const twoByte = `\u0141${token}`.slice(1);
  for (const same of [token.slice(0, half) + token.slice(half), `Bearer ${token}`.slice(7), twoByte, [...token].join(''), Buffer.from(token).toString('latin1')]) {
    assert.equal(verifier.verify(same), claims);
  }
});

test('a claim named __proto__ is a property and changes no prototype', () => {
  const verifier = new Verifier(config());
  const { iat, exp } = fresh();
  const token = hs256(`{"sub":"eve","iat":${iat},"exp":${exp},"__proto__":{"admin":true},"deep":{"__proto__":{"admin":true}}}`);
  for (let i = 0; i < 2; i++) {
    const claims = verifier.verify(token);
    assert.equal(claims.admin, undefined);
    assert.equal(claims.deep.admin, undefined);
    assert.equal({}.admin, undefined);
    assert.ok(Object.hasOwn(claims, '__proto__'));
    assert.equal(Object.getPrototypeOf(claims), Object.prototype);
    assert.ok(Object.isFrozen(Object.getOwnPropertyDescriptor(claims, '__proto__').value));
  }
});

test('what is no string is a TypeError that says what it is, never silence', () => {
  const verifier = new Verifier(config());
  for (const token of [undefined, null, 1, true, {}, [], Symbol('t'), Buffer.from('a.b.c'), new String('a.b.c'), () => 'a.b.c', 1n]) {
    assert.throws(() => verifier.verify(token), { name: 'TypeError', message: /token must be a string; it is / });
    assert.throws(() => verifier.verify(token, { kind: 'any' }), TypeError);
    assert.throws(() => verifier.verifyMany([token]), { name: 'TypeError', message: /tokens\[0\]/ });
    assert.throws(() => verifier.explain(token), TypeError);
  }
  assert.throws(() => verifier.verify(), TypeError);
  assert.throws(() => verifier.verifyMany('a.b.c'), TypeError);
  assert.throws(() => verifier.verifyAuthorization(7), TypeError);
  assert.throws(() => verifier.verifyHeaders({}), TypeError);
  assert.throws(() => verifier.verifyHeaders(['authorization']), TypeError);
});

test('options: an unknown one, a wrong type and an undefined one are named', () => {
  const verifier = new Verifier(guarded());
  const token = hs256(full());
  for (const [options, named] of [
    [{ audiance: 'x' }, /"audiance".*profile, guard, audience, device, kind/],
    [{ guard: undefined }, /options\.guard/],
    [{ guard: 7 }, /options\.guard/],
    [{ guard: { vip: undefined } }, /options\.guard\.vip/],
    [{ guard: { vip: true, roles: [4, undefined] } }, /options\.guard\.roles\[1\]/],
    [{ audience: undefined }, /options\.audience/],
    [{ audience: '' }, /options\.audience/],
    [{ audience: ['a'] }, /options\.audience/],
    [{ audience: 'a\ud800' }, /options\.audience/],
    [{ profile: null }, /options\.profile/],
    [{ kind: 'acess' }, /options\.kind/],
    [{ kind: 'constructor' }, /options\.kind/],
    [{ kind: 1 }, /options\.kind/],
    [{ device: 7 }, /options\.device/],
    [{ device: '\udc00' }, /options\.device/],
    ['orders', /options must be an object/],
    [null, /options must be an object/],
    [[], /options must be an object/],
    [new Map([['guard', 'orders']]), /options must be an object/],
  ]) {
    assert.throws(() => verifier.verify(token, options), { name: 'TypeError', message: named }, JSON.stringify(options));
    assert.throws(() => verifier.options(options), { name: 'TypeError', message: named });
  }
  assert.throws(() => verifier.verify(token, { guard: 'nobody' }), BearerError);
  assert.throws(() => verifier.verify(token, { guard: {} }), code('VALIDATION_ERROR'));
  assert.throws(() => verifier.verify(token, { profile: 'nobody' }), BearerError);
});

test('options decide anew on every call, prepared and literal alike', () => {
  const verifier = new Verifier(guarded());
  const token = hs256(full());
  const claims = verifier.verify(token);
  for (const [options, expected] of [
    [{ guard: 'orders' }],
    [{ guard: { roles: [4], vip: true } }],
    [{ guard: { roles: [5] } }, 'FORBIDDEN'],
    [{ guard: { scopes: ['read:orders', 'admin'] } }, 'FORBIDDEN'],
    [{ guard: { team: ['t1'] } }],
    [{ guard: { team: ['t2'] } }, 'FORBIDDEN'],
    [{ guard: { token: 'refresh' } }, 'WRONG_TOKEN_KIND'],
    [{ kind: 'refresh' }, 'WRONG_TOKEN_KIND'],
    [{ kind: 'any' }],
    [{ guard: { device: true }, device: 'd1' }],
    [{ guard: { device: true }, device: 'd2' }, 'DEVICE_MISMATCH'],
    [{ guard: { device: true }, device: undefined }, 'DEVICE_MISMATCH'],
    [{ guard: { device: true }, device: 'd'.repeat(1000) }, 'DEVICE_MISMATCH'],
    [{ audience: 'https://other' }, 'INVALID_CLAIM'],
    [{ profile: 'api' }],
  ]) {
    const prepared = verifier.options(options);
    for (const given of [options, prepared, options, prepared]) {
      if (expected === undefined) assert.equal(verifier.verify(token, given), claims);
      else assert.throws(() => verifier.verify(token, given), code(expected), JSON.stringify(options));
    }
  }
});

test('an option object that changes is read anew', () => {
  const verifier = new Verifier(guarded());
  const token = hs256(full());
  const rule = { roles: [4] };
  const options = { guard: rule };
  verifier.verify(token, options);
  rule.roles[0] = 5;
  assert.throws(() => verifier.verify(token, options), code('FORBIDDEN'));
  rule.roles[0] = 4;
  verifier.verify(token, options);
  options.kind = 'refresh';
  assert.throws(() => verifier.verify(token, options), code('WRONG_TOKEN_KIND'));
});

test('prepared options belong to their verifier', () => {
  const [one, two] = [new Verifier(guarded()), new Verifier(guarded())];
  const options = one.options({ guard: 'orders' });
  assert.throws(() => two.verify(hs256(full()), options), TypeError);
  assert.ok(two.verify(hs256(full()), { guard: one.guard('orders') }));
});

test('more literal options than are remembered stay right', () => {
  const verifier = new Verifier(guarded());
  const token = hs256(full());
  for (let round = 0; round < 3; round++) {
    for (let role = 0; role < 100; role++) {
      const ask = () => verifier.verify(token, { guard: { roles: [role] } });
      if (role === 4) ask();
      else assert.throws(ask, code('FORBIDDEN'));
    }
  }
});

test('options of a polluted Object.prototype are not read', () => {
  const verifier = new Verifier(guarded());
  const token = hs256(full());
  Object.prototype.kind = 'refresh';
  Object.prototype.guard = { roles: [9] };
  try {
    assert.ok(verifier.verify(token, {}));
    assert.ok(verifier.verify(token, { profile: 'api' }));
  } finally {
    delete Object.prototype.kind;
    delete Object.prototype.guard;
  }
});

test('the value of an Authorization header', () => {
  const verifier = new Verifier(config());
  const token = hs256(fresh());
  const claims = verifier.verifyAuthorization(`Bearer ${token}`);
  assert.equal(verifier.verifyAuthorization(`bEARER ${token}`), claims);
  assert.equal(verifier.verify(token), claims);
  for (const [value, expected] of [
    [undefined, 'MISSING_TOKEN'],
    [null, 'MISSING_TOKEN'],
    ['', 'MISSING_TOKEN'],
    ['Bearer', 'MISSING_TOKEN'],
    ['Basic dTpw', 'MISSING_TOKEN'],
    [`Bearer  ${token}`, 'MALFORMED'],
    [`Bearer\t${token}`, 'MALFORMED'],
    [`Bearer ${token}, Bearer ${token}`, 'MALFORMED'],
  ]) {
    assert.throws(() => verifier.verifyAuthorization(value), code(expected), String(value));
  }
});

test('the token of a request, from where the profile looks', () => {
  const verifier = new Verifier(config({ token_from: ['header:x-token', 'bearer', 'cookie:sid'] }));
  const [token, other] = [hs256(fresh()), hs256(fresh())];
  const claims = verifier.verify(token);
  for (const headers of [['X-Token', token], ['AUTHORIZATION', `Bearer ${token}`], ['cookie', `a=b; sid=${token}`], ['x-token', token, 'authorization', `Bearer ${token}`]]) {
    assert.equal(verifier.verifyHeaders(headers), claims);
  }
  assert.throws(() => verifier.verifyHeaders([]), code('MISSING_TOKEN'));
  assert.throws(() => verifier.verifyHeaders(['x-token', token, 'cookie', `sid=${other}`]), code('MALFORMED'));
  assert.throws(() => verifier.verifyHeaders(['authorization', `Bearer ${token}`, 'authorization', `Bearer ${token}`]), code('MALFORMED'));
});

test('many tokens, one verdict each', () => {
  const verifier = new Verifier(config());
  const good = hs256(fresh());
  const verdicts = verifier.verifyMany([good, 'x', good, hs256(fresh({ exp: 1 }))]);
  assert.deepEqual(verdicts.map((verdict) => (verdict.ok ? 'OK' : verdict.error.code)), ['OK', 'MALFORMED', 'OK', 'EXPIRED']);
  assert.equal(verdicts[0].claims, verdicts[2].claims);
  assert.deepEqual(verifier.verifyMany([]), []);
});

test('explain says claim, expected and actual', () => {
  const verifier = new Verifier(config({ issuer: 'https://ours' }));
  const why = verifier.explain(hs256(fresh({ iss: 'https://theirs' })));
  assert.equal(why.code, 'INVALID_CLAIM');
  assert.equal(why.claim, 'iss');
  assert.match(JSON.stringify(why), /ours/);
});

test('an error quotes neither secret nor token', () => {
  const broken = config({ algorithms: ['HS256'], issuer: 7 });
  assert.throws(() => new Verifier(broken), (error) => error.code === 'CONFIG_ERROR' && !error.stack.includes(SECRET));
});

'use strict';

// Real servers of each framework, asked over real sockets: the same requests, the same answers.

const test = require('node:test');
const assert = require('node:assert/strict');
const http = require('node:http');
const { Verifier } = require('bearerd');
const { assertRefused, full, guarded, hs256 } = require('./support');
const native = require('../lib/native');
const { get } = require('./client');

/** Routes by path: the requirements of each, in the framework's own form. */
const routes = (auth, alone) => ({
  '/any': [auth.requireAuth()],
  '/role': [auth.requireRole(4, 'admin')],
  '/role-list': [auth.requireRole([4, 5])],
  '/role-other': [auth.requireRole(5)],
  '/scopes': [auth.requireScopes('read:orders', 'write:orders')],
  '/scopes-more': [auth.requireScopes('read:orders', 'admin')],
  '/any-scope': [auth.requireAnyScope('read:orders', 'admin')],
  '/permission': [auth.requirePermission('hr.employee.update', 'crm.lead.read')],
  '/permission-more': [auth.requirePermission(['hr.employee.update', 'crm.lead.update'])],
  '/any-permission': [auth.requireAnyPermission('crm.lead.update', 'hr.employee.read')],
  '/any-permission-other': [auth.requireAnyPermission('crm.lead.update', 'hr')],
  '/vip': [auth.requireVip()],
  '/team': [auth.requireTeam()],
  '/team-one': [auth.requireTeam('t1', 't2')],
  '/team-other': [auth.requireTeam('t2')],
  '/refresh': [auth.requireTokenKind('refresh')],
  '/access': [auth.requireTokenKind('access')],
  '/device': [auth.requireDevice()],
  '/guard': [auth.requireGuard('orders')],
  '/chain': [auth.requireAuth(), auth.requireRole(4), auth.requireVip(), auth.requireDevice()],
  '/chain-role': [auth.requireAuth(), auth.requireRole(5)],
  '/chain-kind': [auth.requireTokenKind('refresh'), auth.requireAuth()],
  '/chain-kind-role': [auth.requireTokenKind('refresh'), auth.requireVip()],
  '/two-gates': [auth.requireAuth(), alone.requireRole(5)],
});

const frameworks = {
  async express(bearerd, verifier, options) {
    const app = require('express')();
    for (const [path, list] of Object.entries(routes(bearerd(verifier, options), bearerd(verifier)))) app.get(path, ...list, (req, res) => res.json(req.user));
    app.get('/fails', bearerd(verifier, { device: () => { throw new Error('ours'); } }).requireAuth(), (req, res) => res.json(1));
    app.use((error, req, res, next) => res.status(500).send(error.message));
    return http.createServer(app);
  },
  async connect(bearerd, verifier, options) {
    const app = require('connect')();
    for (const [path, list] of Object.entries(routes(bearerd(verifier, options), bearerd(verifier)))) {
      const exactly = (middleware) => (req, res, next) => (req.originalUrl.split('?')[0] === path ? middleware(req, res, next) : next());
      for (const middleware of list) app.use(exactly(middleware));
      app.use(exactly((req, res) => res.end(JSON.stringify(req.user))));
    }
    app.use('/fails', bearerd(verifier, { device: () => { throw new Error('ours'); } }).requireAuth());
    app.use((error, req, res, next) => { res.statusCode = 500; res.end(error.message); });
    return http.createServer(app);
  },
  async koa(bearerd, verifier, options) {
    const Koa = require('koa');
    const app = new Koa();
    app.silent = true;
    for (const [path, list] of Object.entries(routes(bearerd(verifier, options), bearerd(verifier)))) {
      for (const middleware of [...list, async (ctx) => { ctx.body = ctx.state.user; }]) {
        app.use((ctx, next) => (ctx.path === path ? middleware(ctx, next) : next()));
      }
    }
    const failing = bearerd(verifier, { device: () => { throw Object.assign(new Error('ours'), { expose: true, status: 500 }); } }).requireAuth();
    app.use((ctx, next) => (ctx.path === '/fails' ? failing(ctx, next) : next()));
    return http.createServer(app.callback());
  },
  async fastify(bearerd, verifier, options) {
    const app = require('fastify')();
    for (const [path, list] of Object.entries(routes(bearerd(verifier, options), bearerd(verifier)))) {
      app.get(path, { onRequest: list }, (request) => request.user);
    }
    app.get('/fails', { preHandler: bearerd(verifier, { device: () => { throw new Error('ours'); } }).requireAuth() }, () => 1);
    await app.ready();
    return app.server;
  },
};

const caches = { cached: {}, 'not cached': { cache: { max_entries: 0 } } };

async function served(t, name, profile) {
  const { bearerd } = require(`bearerd/${name === 'connect' ? 'express' : name}`);
  const verifier = new Verifier(guarded({ token_from: ['bearer', 'cookie:sid'], permissions: { grants: 'grants' }, ...profile }));
  const server = await frameworks[name](bearerd, verifier, { device: 'X-Device-Id' });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address();
  return { verifier, ask: (path, token, ...more) => get(port, path, token === undefined ? more : [['Authorization', `Bearer ${token}`], ...more]) };
}

for (const name of Object.keys(frameworks)) {
  for (const [how, profile] of Object.entries(caches)) {
    test(`${name}, ${how}: 200 with the claims, 401, 403`, async (t) => {
      const { ask } = await served(t, name, profile);
      const claims = full({ name: 'Ädä', grants: ['hr.*', 'crm.lead.read'] });
      const token = hs256(claims);
      const refresh = hs256(full({ tokenType: 'refresh' }));
      const device = ['x-device-id', 'd1'];
      for (let round = 0; round < 2; round++) {
        for (const path of ['/any', '/role', '/role-list', '/scopes', '/any-scope', '/permission', '/any-permission', '/vip', '/team', '/team-one', '/access', '/guard']) {
          const answer = await ask(path, token);
          assert.equal(answer.status, 200, `${path}: ${answer.body}`);
          assert.deepEqual(answer.json(), claims);
        }
        for (const path of ['/device', '/chain']) assert.deepEqual((await ask(path, token, device)).json(), claims);
        for (const path of ['/role-other', '/scopes-more', '/permission-more', '/any-permission-other', '/team-other', '/chain-role', '/two-gates']) assertRefused(await ask(path, token), 'FORBIDDEN');
        for (const path of ['/device', '/chain']) {
          assertRefused(await ask(path, token), 'DEVICE_MISMATCH');
          assertRefused(await ask(path, token, ['x-device-id', 'd2']), 'DEVICE_MISMATCH');
          assertRefused(await ask(path, token, device, ['X-DEVICE-ID', 'd2']), 'DEVICE_MISMATCH');
        }
        // Nothing granted is nothing allowed.
        for (const path of ['/permission', '/any-permission']) assertRefused(await ask(path, hs256(full())), 'FORBIDDEN');
        assertRefused(await ask('/refresh', token), 'WRONG_TOKEN_KIND');
        for (const path of ['/any', '/role', '/access', '/guard', '/chain', '/chain-kind', '/chain-kind-role']) assertRefused(await ask(path, refresh, device), 'WRONG_TOKEN_KIND');
        assert.equal((await ask('/refresh', refresh)).status, 200);
        for (const path of ['/any', '/role', '/chain', '/device']) {
          assertRefused(await ask(path), 'MISSING_TOKEN');
          assertRefused(await ask(path, 'x'), 'MALFORMED');
          assertRefused(await ask(path, `${token.slice(0, -4)}AAAA`), 'INVALID_SIGNATURE');
          assertRefused(await ask(path, hs256(full({ exp: 1 }))), 'EXPIRED');
        }
      }
    });

    test(`${name}, ${how}: hostile requests`, async (t) => {
      const { ask, verifier } = await served(t, name, profile);
      const [token, other] = [hs256(full()), hs256(full({ sub: 'eve' }))];
      assert.equal((await ask('/any', token)).status, 200);
      for (const path of ['/any', '/chain']) {
        // The framework shows the first alone.
        assertRefused(await ask(path, token, ['Authorization', `Bearer ${other}`]), 'MALFORMED');
        assertRefused(await ask(path, token, ['AUTHORIZATION', `Bearer ${token}`]), 'MALFORMED');
        assertRefused(await ask(path, token, ['authorization', 'Basic eDp5']), 'MALFORMED');
        assertRefused(await ask(path, token, ['Cookie', `sid=${other}`]), 'MALFORMED');
        assertRefused(await ask(path, undefined, ['Cookie', `sid=${token}; sid=${other}`]), 'MALFORMED');
        assertRefused(await ask(path, undefined, ['Authorization', `Basic ${token}`]), 'MISSING_TOKEN');
        assertRefused(await ask(path, undefined, ['X-Token', token]), 'MISSING_TOKEN');
        assertRefused(await ask(path, `${token.slice(0, 20)}\xc5\x81${token.slice(21)}`), 'MALFORMED');
        assertRefused(await ask(`${path}?access_token=${token}`), 'MISSING_TOKEN');
      }
      assert.equal((await ask('/any', token, ['Cookie', `a=b; sid=${token}`])).json().sub, 'ada');
      assert.equal((await ask('/any', undefined, ['Cookie', 'a=b'], ['Cookie', `sid=${token}`])).json().sub, 'ada');
      await verifier.revokeToken(token);
      assertRefused(await ask('/any', token), 'REVOKED');
      assertRefused(await ask('/chain', token), 'REVOKED');
    });
  }

  test(`${name}: an error that is no refusal is the framework's`, async (t) => {
    const { ask } = await served(t, name, {});
    const answer = await ask('/fails', hs256(full()));
    assert.equal(answer.status, 500);
    assert.match(answer.body, /ours/);
  });

  test(`${name}: what is set up wrongly fails at the start`, () => {
    const { bearerd } = require(`bearerd/${name === 'connect' ? 'express' : name}`);
    const verifier = new Verifier(guarded());
    const auth = bearerd(verifier);
    assert.throws(() => bearerd(), TypeError);
    assert.throws(() => bearerd({}), TypeError);
    assert.throws(() => bearerd(verifier, { audiance: 'x' }), { name: 'TypeError', message: /"audiance"/ });
    assert.throws(() => bearerd(verifier, { profile: undefined }), { name: 'TypeError', message: /options\.profile/ });
    assert.throws(() => bearerd(verifier, { device: 7 }), { name: 'TypeError', message: /options\.device/ });
    assert.throws(() => bearerd(verifier, { profile: 'nobody' }), { name: 'TypeError', message: /"nobody"/ });
    for (const wrong of [() => auth.requireRole(), () => auth.requireScopes(), () => auth.requireScopes('a b'), () => auth.requireScopes([]), () => auth.requirePermission(), () => auth.requirePermission('hr.*'), () => auth.requireGuard('nobody')]) {
      assert.throws(wrong, (error) => error.name === 'BearerError');
    }
    for (const wrong of [() => auth.requireRole(undefined), () => auth.requireTeam(undefined), () => auth.requireTokenKind(), () => auth.requireTokenKind('any'), () => auth.requireGuard()]) {
      assert.throws(wrong, TypeError);
    }
  });
}

test('a requirement after another costs no second verification of the signature', async (t) => {
  const { ask, verifier } = await served(t, 'express', {});
  await ask('/chain', hs256(full()), ['x-device-id', 'd1']);
  const { misses, hits } = verifier.stats();
  assert.deepEqual([misses, hits], [1, 3]);

  const { ask: askCold } = await served(t, 'express', { cache: { max_entries: 0 } });
  const { headers, checkHeld } = native;
  const calls = { headers: 0, checkHeld: 0 };
  native.headers = (...args) => (calls.headers++, headers(...args));
  native.checkHeld = (...args) => (calls.checkHeld++, checkHeld(...args));
  t.after(() => Object.assign(native, { headers, checkHeld }));
  assert.equal((await askCold('/chain', hs256(full()), ['x-device-id', 'd1'])).status, 200);
  assert.deepEqual(calls, { headers: 1, checkHeld: 3 });
});

test('fastify injects requests that never were on a wire', async () => {
  const { bearerd } = require('bearerd/fastify');
  const app = require('fastify')();
  app.addHook('onRequest', bearerd(new Verifier(guarded())).requireAuth());
  app.get('/', (request) => request.user);
  const token = hs256(full());
  assert.equal((await app.inject({ url: '/', headers: { authorization: `Bearer ${token}` } })).json().sub, 'ada');
  assert.equal((await app.inject('/')).statusCode, 401);
  await app.close();
});

test('a request with headers and no raw ones', () => {
  const { bearerd } = require('bearerd/express');
  const requireAuth = bearerd(new Verifier(guarded())).requireAuth();
  const token = hs256(full());
  const ask = (headers) => {
    const req = { headers, rawHeaders: [] };
    let status = 0;
    requireAuth(req, { setHeader() {}, end() { status = this.statusCode; } }, () => { status = 200; });
    return [status, req.user?.sub];
  };
  assert.deepEqual(ask({ authorization: `Bearer ${token}` }), [200, 'ada']);
  assert.deepEqual(ask({ Authorization: `Bearer ${token}` }), [200, 'ada']);
  assert.deepEqual(ask({ authorization: [`Bearer ${token}`, `Bearer ${token}`] }), [401, undefined]);
  assert.deepEqual(ask({}), [401, undefined]);
});

test('a request of HTTP/2', async (t) => {
  const http2 = require('node:http2');
  const { bearerd } = require('bearerd/express');
  const requireAuth = bearerd(new Verifier(guarded())).requireAuth();
  const server = http2.createServer((req, res) => requireAuth(req, res, () => res.end(JSON.stringify(req.user))));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
  t.after(() => { client.close(); server.close(); });
  const ask = (headers) =>
    new Promise((resolve, reject) => {
      const stream = client.request({ ':path': '/', ...headers });
      let status;
      let body = '';
      stream.setEncoding('utf8');
      stream.on('response', (answer) => { status = answer[':status']; });
      stream.on('data', (chunk) => { body += chunk; });
      stream.on('end', () => resolve([status, JSON.parse(body)]));
      stream.on('error', reject);
    });
  const claims = full();
  assert.deepEqual(await ask({ authorization: `Bearer ${hs256(claims)}` }), [200, claims]);
  const [status, { code }] = await ask({});
  assert.deepEqual([status, code], [401, 'MISSING_TOKEN']);
});

test('profiles look where they are told, and by the issuer where none is named', async () => {
  const { bearerd } = require('bearerd/express');
  const { profiles } = guarded();
  const two = { a: { ...profiles.api, issuer: 'https://a', token_from: ['header:X-Token'] }, b: { ...profiles.api, issuer: 'https://b' } };
  const ask = (verifier, options, ...rawHeaders) => {
    const req = { rawHeaders };
    let answer = 'OK';
    bearerd(verifier, options).requireAuth()(req, { setHeader() {}, end(body) { answer = JSON.parse(body).code; } }, () => {});
    return req.user?.iss ?? answer;
  };
  const [a, b] = ['https://a', 'https://b'].map((iss) => hs256(full({ iss })));
  const mapped = new Verifier({ profiles: two, issuers: { 'https://a': 'a', 'https://b': 'b' } });
  assert.equal(ask(mapped, {}, 'Authorization', `Bearer ${a}`), 'https://a');
  assert.equal(ask(mapped, {}, 'Authorization', `Bearer ${b}`), 'https://b');
  assert.equal(ask(mapped, { profile: 'a' }, 'X-TOKEN', a), 'https://a');
  assert.equal(ask(mapped, { profile: 'a' }, 'Authorization', `Bearer ${a}`), 'MISSING_TOKEN');
  assert.equal(ask(mapped, { profile: 'a' }, 'X-Token', b), 'INVALID_CLAIM');
  assert.equal(ask(new Verifier({ profiles: two, default_profile: 'a' }), {}, 'x-token', a), 'https://a');
});

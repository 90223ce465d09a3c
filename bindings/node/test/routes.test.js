'use strict';

// The routes of the configuration in the middleware: real servers of each framework, asked byte for
// byte, since clients tidy up what they send.

const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { Verifier, BearerError } = require('bearerd');
const native = require('../lib/native');
const { SECRET, assertRefused, code, config, full, guarded, hs256 } = require('./support');
const { listening, send } = require('./client');

const ROUTES = [
  { path: '/*', public: true },
  { path: '/api/*', token: true },
  { path: '/api/orders/*', methods: ['GET'], guard: 'writers' },
  { path: '/api/open', methods: ['OPTIONS'], public: true },
  { path: '/api/refresh', guard: 'refreshes' },
  { path: '/admin/*', guard: 'admin' },
];
const GUARDS = { writers: { scopes: ['write'] }, refreshes: { token: 'refresh' }, admin: { roles: ['admin'] } };

const verifierOf = (profile = {}, more = {}) => new Verifier({ ...guarded(profile), routes: ROUTES, guards: GUARDS, ...more });
const [plain, writer, admin, refresh] = [{ scope: [] }, { scope: ['write'] }, { scope: [], roleId: 'admin' }, { tokenType: 'refresh' }].map((more) => hs256(full(more)));
const bearer = (token) => (token === undefined ? [] : [['Authorization', `Bearer ${token}`]]);

// Who came, or that it was nobody. `seen` counts what got as far as a handler.
const who = (user) => ({ who: user?.sub ?? null });

/** Servers with the requirement before everything, and as it is mounted. */
const frameworks = {
  express: {
    first(auth, seen) {
      const app = require('express')();
      return app.use(auth.requireRoutes()).use((req, res) => { seen.push(req.url); res.json(who(req.user)); });
    },
    mounted(auth, seen) {
      const express = require('express');
      const reached = (req, res) => { seen.push(req.url); res.json(who(req.user)); };
      const inner = express.Router().use('/orders', auth.requireRoutes(), reached).use(auth.requireRoutes(), reached);
      const sub = express().use(auth.requireRoutes(), reached);
      return express().use('/api', express.Router().use(inner)).use('/admin/', sub).use(auth.requireRoutes(), reached);
    },
    rewritten(auth, seen) {
      const express = require('express');
      return express()
        .use((req, res, next) => { req.url = req.url.replace('/was', ''); next(); })
        .use(auth.requireRoutes(), (req, res) => { seen.push(req.url); res.json(who(req.user)); });
    },
    overridden(auth, seen) {
      const express = require('express');
      return express()
        .use((req, res, next) => { req.method = req.headers['x-http-method-override'] ?? req.method; next(); })
        .use(auth.requireRoutes())
        .get('/api/orders/:id', (req, res) => res.json(who(req.user)))
        .use((req, res) => { seen.push(req.url); res.json(who(req.user)); });
    },
  },
  koa: {
    first(auth, seen) {
      return new (require('koa'))().use(auth.requireRoutes()).use((ctx) => { seen.push(ctx.url); ctx.body = who(ctx.state.user); }).callback();
    },
    mounted(auth, seen) {
      const [Koa, mount] = [require('koa'), require('koa-mount')];
      const reached = (ctx) => { seen.push(ctx.url); ctx.body = who(ctx.state.user); };
      const sub = () => new Koa().use(auth.requireRoutes()).use(reached);
      return new Koa().use(mount('/api', sub())).use(mount('/admin', sub())).use(auth.requireRoutes()).use(reached).callback();
    },
    rewritten(auth, seen) {
      return new (require('koa'))()
        .use((ctx, next) => { ctx.url = ctx.url.replace('/was', ''); return next(); })
        .use(auth.requireRoutes()).use((ctx) => { seen.push(ctx.url); ctx.body = who(ctx.state.user); }).callback();
    },
    overridden(auth, seen) {
      return new (require('koa'))()
        .use((ctx, next) => { ctx.method = ctx.get('x-http-method-override') || ctx.method; return next(); })
        .use(auth.requireRoutes()).use((ctx) => { seen.push(ctx.url); ctx.body = who(ctx.state.user); }).callback();
    },
  },
  fastify: {
    async first(auth, seen, options) {
      const app = require('fastify')(options);
      app.addHook('onRequest', auth.requireRoutes());
      app.all('/*', (request) => { seen.push(request.url); return who(request.user); });
      await app.ready();
      return app.server;
    },
    async mounted(auth, seen) {
      const app = require('fastify')();
      const below = async (scope) => {
        scope.addHook('onRequest', auth.requireRoutes());
        scope.all('/*', (request) => { seen.push(request.url); return who(request.user); });
        scope.all('/', (request) => { seen.push(request.url); return who(request.user); });
      };
      app.register(below, { prefix: '/api' });
      app.register(below, { prefix: '/admin' });
      app.register(below);
      await app.ready();
      return app.server;
    },
  },
  plain: {
    first(auth, seen) {
      const middleware = auth.requireRoutes();
      return (req, res) => middleware(req, res, () => { seen.push(req.url); res.end(JSON.stringify(who(req.user))); });
    },
  },
};

async function served(t, name, how, verifier = verifierOf(), ...options) {
  const { bearerd } = require(`bearerd/${name === 'plain' ? 'express' : name}`);
  const seen = [];
  const port = await listening(t, await frameworks[name][how](bearerd(verifier), seen, ...options));
  return { seen, port, ask: (method, target, token, ...more) => send(port, method, target, [...bearer(token), ...more]) };
}

const TABLE = [
  ['GET', '/', undefined, 200],
  ['GET', '/index.html?x=/admin', undefined, 200],
  ['POST', '/login', 'no token at all', 200],
  ['GET', '/', admin, 200],
  ['GET', '/api/carts', undefined, 'MISSING_TOKEN'],
  ['GET', '/api/carts', 'x', 'MALFORMED'],
  ['GET', '/api/carts', plain, 'ada'],
  ['GET', '/api?x', plain, 'ada'],
  ['GET', '/api', undefined, 'MISSING_TOKEN'],
  ['GET', '/api/', plain, 'ada'],
  ['GET', '/api/carts', refresh, 'WRONG_TOKEN_KIND'],
  ['GET', '/api/refresh', refresh, 'ada'],
  ['GET', '/api/refresh', plain, 'WRONG_TOKEN_KIND'],
  ['GET', '/api/orders/7', undefined, 'MISSING_TOKEN'],
  ['GET', '/api/orders/7', plain, 'FORBIDDEN'],
  ['GET', '/api/orders/7', writer, 'ada'],
  ['GET', '/api/%6frders/7', plain, 'FORBIDDEN'],
  ['HEAD', '/api/orders/7', writer, 200],
  ['DELETE', '/api/orders/7', writer, 'FORBIDDEN'],
  ['DELETE', '/api/orders/7', undefined, 'FORBIDDEN'],
  ['OPTIONS', '/api/orders/7', undefined, 'FORBIDDEN'],
  ['OPTIONS', '/api/open', undefined, 200],
  ['GET', '/admin', plain, 'FORBIDDEN'],
  ['GET', '/admin/x?y', plain, 'FORBIDDEN'],
  ['GET', '/admin/x?y', undefined, 'MISSING_TOKEN'],
  ['GET', '/admin/x?y', admin, 'ada'],
  ['GET', '/admin/', admin, 'ada'],
  ['GET', '//admin', admin, 'FORBIDDEN'],
];

const HOSTILE = [
  '//admin', '/x/../admin', '/x/%2e%2e/admin', '/x/%2E%2E/admin', '/x/.%2e/admin', '/./admin', '/admin;x', '/x;/../admin', '/x%2fadmin', '/x%2Fadmin',
  '/x%5cadmin', '/x%5Cadmin', '/admin%00', '/admin%', '/admin%2', '/%c0%af/admin', '/%ff', '/%252e%252e/admin', '/ADMIN', '/Admin/x', '/%41dmin',
  '/x%23/../admin', '/admin#x', '/x\\admin', '/x/..\\admin', 'admin', '*', '/caf\xc3\xa9', '/caf\xe9', 'http://localhost/admin', 'http://localhost/',
  '/admin//', '/api//carts', '/admin/%2e', `/x/${'y'.repeat(9000)}/../../admin`, '/x\x01admin', 'localhost:80',
];

const rows = async (ask, seen, table = TABLE) => {
  for (const [method, target, token, expected] of table) {
    const where = `${method} ${target} ${expected}`;
    const before = seen.length;
    const answer = await ask(method, target, token);
    if (typeof expected === 'string' && expected !== 'ada') {
      assert.equal(seen.length, before, where);
      assertRefused(answer, expected);
      continue;
    }
    assert.equal(answer.status, 200, `${where}: ${answer.body}`);
    assert.equal(seen.length, before + 1, where);
    // On a public path nobody is anybody, whatever token came along.
    if (method !== 'HEAD') assert.deepEqual(answer.json(), { who: expected === 200 ? null : expected }, where);
  }
};

const profiles = { cached: {}, 'not cached': { cache: { max_entries: 0 } }, 'where verifying may wait': { pat: { prefix: 'acme_pat_' } } };

for (const [name, makes] of Object.entries(frameworks)) {
  for (const [how, profile] of Object.entries(profiles)) {
    test(`${name}, ${how}: routes decide`, async (t) => {
      const { ask, seen } = await served(t, name, 'first', verifierOf(profile));
      for (let round = 0; round < 2; round++) await rows(ask, seen);
    });
  }

  for (const how of ['first', 'mounted']) {
    if (makes[how] === undefined) continue;
    test(`${name}, ${how}: no spelling passes for a public path`, async (t) => {
      const { ask, seen } = await served(t, name, how);
      let forbidden = 0;
      for (const target of HOSTILE) {
        for (const token of [admin, undefined]) {
          const { status } = await ask('GET', target, token);
          // Some of these are no target of HTTP to begin with.
          assert.ok(status === 403 || status === 400, `${target}: ${status}`);
          forbidden += status === 403 ? 1 : 0;
        }
      }
      assert.ok(forbidden > HOSTILE.length, `${forbidden} got as far as the routes`);
      assert.deepEqual(seen, []);
    });
  }

  if (makes.mounted) {
    test(`${name}: routes decide by the whole target, wherever it is mounted`, async (t) => {
      const { ask, seen } = await served(t, name, 'mounted');
      await rows(ask, seen);
    });
  }

  if (makes.overridden) {
    test(`${name}: a method that was overridden is what the router goes by`, async (t) => {
      const { ask, seen } = await served(t, name, 'overridden');
      const as = (method, sent, token) => ask(sent, '/api/orders/7', token, ['X-HTTP-Method-Override', method]);
      assertRefused(await as('DELETE', 'GET', writer), 'FORBIDDEN');
      assertRefused(await as('GET', 'POST', undefined), 'MISSING_TOKEN');
      assert.equal((await as('GET', 'POST', writer)).status, 200);
      seen.length = 0;
      assertRefused(await as('get', 'POST', writer), 'FORBIDDEN');
      assert.deepEqual(seen, []);
    });
  }

  if (makes.rewritten) {
    test(`${name}: of what was rewritten before, nothing is let through`, async (t) => {
      const { ask, seen } = await served(t, name, 'rewritten');
      for (const target of ['/was/admin', '/was/', '/x/was/admin', '/was/api/carts']) {
        for (const token of [undefined, admin]) assertRefused(await ask('GET', target, token), 'FORBIDDEN');
      }
      assert.deepEqual(seen, []);
      assert.equal((await ask('GET', '/index.html')).status, 200);
    });
  }

  test(`${name}: a public route looks at no token, and guards are compiled once`, async (t) => {
    const kept = { ...native };
    const calls = { headers: 0, extract: 0, guardNamed: 0, plan: 0 };
    for (const what of Object.keys(calls)) native[what] = (...args) => (calls[what]++, kept[what](...args));
    t.after(() => Object.assign(native, kept));
    const { ask } = await served(t, name, 'first');
    const { guardNamed, plan } = calls;
    assert.equal(guardNamed, Object.keys(GUARDS).length);
    for (const token of [undefined, 'x', admin]) assert.equal((await ask('GET', '/', token)).status, 200);
    assert.deepEqual([calls.headers, calls.extract], [0, 0]);
    assertRefused(await ask('DELETE', '/api/orders/7', writer), 'FORBIDDEN');
    assert.deepEqual([calls.headers, calls.extract], [0, 0], 'refused before the token is looked at');
    for (let i = 0; i < 3; i++) assert.equal((await ask('GET', '/api/orders/7', writer)).status, 200);
    assert.deepEqual(calls, { headers: 3, extract: 0, guardNamed, plan });
  });

  test(`${name}: an upgrade is a request like another`, async (t) => {
    const { ask } = await served(t, name, 'first');
    const upgrade = [['Upgrade', 'websocket'], ['Connection', 'Upgrade']];
    assertRefused(await ask('GET', '/admin', undefined, ...upgrade), 'MISSING_TOKEN');
    assertRefused(await ask('GET', '/admin', plain, ...upgrade), 'FORBIDDEN');
  });

  test(`${name}: without routes it is an error at the start`, () => {
    const { bearerd } = require(`bearerd/${name === 'plain' ? 'express' : name}`);
    const auth = bearerd(new Verifier(guarded()));
    assert.throws(() => auth.requireRoutes(), (error) => code('VALIDATION_ERROR')(error) && /\[\[routes\]\]/.test(error.message));
  });
}

test('fastify: what rewriteUrl has made of it is what the router has gone by', async (t) => {
  const { ask } = await served(t, 'fastify', 'first', verifierOf(), { rewriteUrl: (req) => req.url.replace('/was', '') });
  assertRefused(await ask('GET', '/was/admin', plain), 'FORBIDDEN');
  assertRefused(await ask('GET', '/was/admin'), 'MISSING_TOKEN');
  assert.equal((await ask('GET', '/was/admin', admin)).status, 200);
  assert.equal((await ask('GET', '/was/')).status, 200);
});

test('express: a requirement after the routes stands by itself', async (t) => {
  const { bearerd } = require('bearerd/express');
  const auth = bearerd(verifierOf());
  const app = require('express')().use(auth.requireRoutes());
  app.get('/own', auth.requireRole('admin'), (req, res) => res.json(who(req.user)));
  const port = await listening(t, app);
  assertRefused(await send(port, 'GET', '/own'), 'MISSING_TOKEN');
  assertRefused(await send(port, 'GET', '/own', bearer(plain)), 'FORBIDDEN');
  assert.equal((await send(port, 'GET', '/own', bearer(admin))).json().who, 'ada');
});

test('connect reads paths in a way of its own: nothing is let through', async (t) => {
  const { bearerd } = require('bearerd/express');
  const app = require('connect')().use(bearerd(verifierOf()).requireRoutes()).use((req, res) => res.end('reached'));
  app.use((error, req, res, next) => { res.statusCode = 500; res.end(error.message); });
  const answer = await send(await listening(t, app), 'GET', '/admin.x', bearer(admin));
  assert.equal(answer.status, 500);
  assert.match(answer.body, /Connect/);
});

test('a request of HTTP/2', async (t) => {
  const http2 = require('node:http2');
  const { bearerd } = require('bearerd/express');
  const middleware = bearerd(verifierOf()).requireRoutes();
  const server = http2.createServer((req, res) => middleware(req, res, () => res.end(JSON.stringify(who(req.user)))));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
  t.after(() => { client.close(); server.close(); });
  const ask = (path, token, method = 'GET') =>
    new Promise((resolve, reject) => {
      const stream = client.request({ ':method': method, ':path': path, ...(token && { authorization: `Bearer ${token}` }) });
      stream.on('response', (answer) => { resolve(answer[':status']); stream.resume(); });
      stream.on('error', reject);
    });
  assert.equal(await ask('/'), 200);
  assert.equal(await ask('/admin'), 401);
  assert.equal(await ask('/admin', admin), 200);
  assert.equal(await ask('/api/orders/7', writer, 'DELETE'), 403);
  for (const target of ['//admin', '/x/%2e%2e/admin', '/x/../admin', '/ADMIN', '/caf\xe9']) assert.equal(await ask(target, admin), 403, target);
  for (const target of ['*', 'admin']) await assert.rejects(ask(target, admin), { code: 'ERR_HTTP2_STREAM_ERROR' }, target);
});

test('routes are asked without a framework', () => {
  const verifier = verifierOf();
  assert.deepEqual(verifier.route('GET', '/?x'), { access: 'public' });
  assert.deepEqual(verifier.route(undefined, '/api/carts'), { access: 'token' });
  assert.deepEqual(verifier.route('HEAD', '/api/orders/7'), { access: 'guard', guard: 'writers' });
  assert.ok(verifier.verify(writer, { guard: verifier.route('GET', '/api/orders/7').guard }));
  for (const [method, target] of [[undefined, '/api/orders/7'], ['', '/api/orders/7'], ['get', '/api/orders/7'], ['GET', ''], ['GET', '/\ud800'], ['\ud800', '/api/orders/7'], ['GET', '/caf\u00e9'], ['GET', '/admin\0'], ['GET', `/${'x'.repeat(200_000)}/../admin`]]) {
    assert.throws(() => verifier.route(method, target), code('FORBIDDEN'), `${method} ${target.slice(0, 20)}`);
  }
  for (const wrong of [[], ['GET'], ['GET', null], [null, '/'], [7, '/'], ['GET', 7], ['GET', new URL('http://x/')]]) assert.throws(() => verifier.route(...wrong), TypeError);
  const none = new Verifier(config());
  assert.throws(() => none.route('GET', '/'), (error) => error instanceof BearerError && error.code === 'VALIDATION_ERROR' && /\[\[routes\]\]/.test(error.message));
  const token = new Verifier({ ...guarded(), guards: GUARDS, routes: ROUTES.slice(2), routes_default: 'token' });
  assert.deepEqual(token.route('GET', '/x'), { access: 'token' });
});

test("the README's rules", () => {
  const readme = fs.readFileSync(path.join(__dirname, '../README.md'), 'utf8');
  const rules = /## Routes[\s\S]*?```toml\n([\s\S]*?)```/.exec(readme)[1];
  const verifier = new Verifier(`${rules}[profiles.api]\nalgorithms = ["HS256"]\nkeys = [{ secret_base64url = "${SECRET}" }]\n[guards.orders]\nvip = true\n`);
  assert.deepEqual(verifier.route('GET', '/api/orders/7'), { access: 'guard', guard: 'orders' });
  assert.deepEqual(verifier.route('POST', '/docs'), { access: 'public' });
  for (const target of ['//docs', '/docs/%2e%2e/api', 'http://localhost/docs', '/']) assert.throws(() => verifier.route('GET', target), code('FORBIDDEN'));
});

'use strict';

// What a token comes with beside its claims: never that of an older session than the verdict's, and
// free of charge for who does not ask.

const test = require('node:test');
const assert = require('node:assert/strict');
const { Verifier } = require('bearerd');
const native = require('../lib/native');
const { config, fresh, guarded, hs256 } = require('./support');
const { listening } = require('./client');

const PERMISSIONS = { grants: 'rights', level: 'level', bypass_levels: [0], data_scope: { all: [1] } };
const byClaims = (more = {}) => new Verifier(guarded({ permissions: PERMISSIONS, ...more }));
const bySession = (more = {}) => new Verifier(guarded({ sessions: {}, pat: { prefix: 'acme_pat_' }, permissions: { from: 'session', ...PERMISSIONS }, ...more }));
const of = (level) => hs256(fresh({ tokenType: 'access', rights: ['a.b'], level }));

for (const [how, more] of Object.entries({ cached: {}, 'not cached': { cache: { max_entries: 0 } } })) {
  test(`permissions by claims, ${how}`, () => {
    const verifier = byClaims(more);
    const [root, head, clerk, nobody] = [0, 1, 7].map(of).concat(hs256(fresh({ tokenType: 'access' })));
    for (let time = 0; time < 2; time++) {
      const told = (token) => verifier.permission(verifier.verify(token));
      assert.deepEqual(told(root), { dataScope: 'all', bypass: true });
      assert.deepEqual(told(head), { dataScope: 'all', bypass: false });
      assert.deepEqual(told(clerk), { dataScope: 'self', bypass: false });
      assert.deepEqual(told(nobody), { dataScope: 'self', bypass: false });
    }
    const claims = verifier.verify(head);
    assert.ok(Object.isFrozen(verifier.permission(claims)));
    assert.equal(verifier.permission(claims), verifier.permission(claims), 'the same object');
    assert.equal(verifier.session(claims), null);
  });
}

test('where there is nothing to tell', () => {
  const verifier = new Verifier(config());
  const claims = verifier.verify(hs256(fresh({ level: 0 })));
  assert.deepEqual([verifier.session(claims), verifier.permission(claims)], [null, null]);
  const sessions = bySession();
  assert.throws(() => sessions.permission({}), TypeError);
  assert.throws(() => sessions.permission(undefined), TypeError);
  assert.equal(byClaims().permission({ level: 0 }), null, 'not read from whatever is passed');
});

test('permissions by the session change while claims stay', async () => {
  const verifier = bySession();
  const { sid, access } = await verifier.signIn('ada', { kind: 'access', attributes: { rights: ['a.b'], level: 2 } });
  const claims = verifier.verify(access);
  const before = verifier.permission(claims);
  assert.deepEqual(before, { dataScope: 'self', bypass: false });
  assert.equal(verifier.permission(verifier.verify(access)), before, 'the same object while it says the same');
  for (const [level, expected] of [[1, { dataScope: 'all', bypass: false }], [0, { dataScope: 'all', bypass: true }], [9, { dataScope: 'self', bypass: false }]]) {
    await verifier.changeSession(sid, { set: { level } });
    assert.equal(verifier.verify(access), claims);
    assert.deepEqual(verifier.permission(claims), expected);
    assert.equal(verifier.session(claims).attributes.level, level);
  }
  const { token } = await verifier.createPat('ada');
  const pat = verifier.verify(token);
  assert.equal(verifier.session(pat), null);
  assert.equal(verifier.permission(pat), null, 'no session, nothing of one');
});

test('nobody pays who does not ask', async (t) => {
  const { session } = native;
  let calls = 0;
  native.session = (...args) => (calls++, session(...args));
  t.after(() => Object.assign(native, { session }));
  const verifier = bySession();
  const { access } = await verifier.signIn('ada', { kind: 'access', attributes: { level: 1 } });
  for (let time = 0; time < 3; time++) verifier.verify(access);
  assert.equal(calls, 0);
  verifier.permission(verifier.verify(access));
  assert.equal(calls, 1);
});

const servers = {
  express: (auth, told) => require('express')().get('/', auth.requireAuth(), auth.requireAnyPermission('a.b'), (req, res) => res.json(told(req.auth))),
  connect: (auth, told) => require('connect')().use(auth.requireAuth()).use((req, res) => res.end(JSON.stringify(told(req.auth)))),
  koa: (auth, told) => new (require('koa'))().use(auth.requireAuth()).use((ctx) => { ctx.body = told(ctx.state.auth); }).callback(),
  fastify: async (auth, told) => {
    const app = require('fastify')();
    app.get('/', { onRequest: auth.requireAuth() }, (request) => told(request.auth));
    await app.ready();
    return app.routing;
  },
};

for (const [name, make] of Object.entries(servers)) {
  test(`${name}: the request has its permission`, async (t) => {
    const { bearerd } = require(`bearerd/${name === 'connect' ? 'express' : name}`);
    const told = ({ claims, session, permission }) => [claims.sub, session && session.attributes.level, permission];
    const serve = async (verifier) => {
      const port = await listening(t, await make(bearerd(verifier), told));
      return async (token) => (await fetch(`http://127.0.0.1:${port}/`, { headers: { Authorization: `Bearer ${token}` } })).json();
    };
    const ask = await serve(byClaims());
    for (let time = 0; time < 2; time++) assert.deepEqual(await ask(of(0)), ['ada', null, { dataScope: 'all', bypass: true }]);
    const verifier = bySession();
    const askOfSession = await serve(verifier);
    const { sid, access } = await verifier.signIn('eve', { kind: 'access', attributes: { rights: ['a.*'], level: 2 } });
    assert.deepEqual(await askOfSession(access), ['eve', 2, { dataScope: 'self', bypass: false }]);
    await verifier.changeSession(sid, { set: { level: 1 } });
    assert.deepEqual(await askOfSession(access), ['eve', 1, { dataScope: 'all', bypass: false }]);
    const plain = await serve(new Verifier(guarded({ permissions: { grants: 'rights' } })));
    assert.deepEqual(await plain(of(0)), ['ada', null, { dataScope: null, bypass: false }]);
  });
}

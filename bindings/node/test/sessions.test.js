'use strict';

// Sessions and personal access tokens, in one process and between several that share a state.

const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');
const { Verifier } = require('bearerd');
const { code, config, guarded } = require('./support');
const { redis } = require('./redis');

const stateful = (profile = {}, more = {}) => ({ ...guarded({ sessions: {}, pat: { prefix: 'acme_pat_' }, ...profile }), ...more });
const attributes = (verifier, claims) => verifier.session(claims).attributes;
const turn = () => new Promise(setImmediate);

function folder(t) {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'bearerd-'));
  t.after(() => fs.rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Asks until it is so. Another process takes its time. */
async function comes(ask) {
  const begun = performance.now();
  while (!(await ask())) {
    assert.ok(performance.now() - begun < 20_000, 'it does not come');
    await turn();
  }
}

const codeOf = (promise) => promise.then(() => 'OK', (error) => error.code);

test('a sign-in gives the tokens that were asked for', async () => {
  const verifier = new Verifier(stateful());
  const none = await verifier.signIn('ada');
  assert.deepEqual(Object.keys(none), ['sid', 'expiresAt']);
  assert.equal(none.sid.length, 43);
  const access = await verifier.signIn('ada', { kind: 'access', ttl: 60, lifetime: '1h', claims: { roleId: 4 } });
  assert.deepEqual(Object.keys(access), ['sid', 'expiresAt', 'access', 'accessExpiresAt']);
  const claims = verifier.verify(access.access, { guard: { roles: [4] } });
  assert.equal(claims.sid, access.sid);
  assert.equal(claims.exp - claims.iat, 60);
  const session = verifier.session(claims);
  assert.equal(session.expiresAt - session.createdAt, 3600);
  const pair = await verifier.signIn('ada', { kind: 'pair' });
  assert.equal(verifier.verify((await verifier.rotate(pair.refresh)).access).sid, pair.sid);
  const all = await verifier.listSessions('ada');
  assert.deepEqual(all.map(({ sid }) => sid), [none.sid, access.sid, pair.sid]);
});

test('a changed attribute comes with a cached token', async () => {
  const verifier = new Verifier(stateful());
  const { sid, access } = await verifier.signIn('ada', { kind: 'access', attributes: { position: 'clerk', modules: ['hr'] } });
  const claims = verifier.verify(access);
  const before = verifier.session(claims);
  assert.deepEqual(before.attributes, { position: 'clerk', modules: ['hr'] });
  assert.ok(Object.isFrozen(before) && Object.isFrozen(before.attributes.modules));
  assert.equal(verifier.session(verifier.verify(access)), before, 'the same object while it says the same');
  const changed = await verifier.changeSession(sid, { set: { position: 'lead' }, remove: ['modules'] });
  assert.deepEqual(changed.attributes, { position: 'lead' });
  assert.equal(verifier.verify(access), claims, 'the claims stay');
  assert.deepEqual(attributes(verifier, claims), { position: 'lead' });
  await verifier.changeSessions('ada', { set: { floor: 2, '': 1 } });
  await verifier.changeSession(sid, { remove: [''] });
  assert.deepEqual(attributes(verifier, await verifier.authenticate(access)), { position: 'lead', floor: 2 });
  assert.deepEqual(await verifier.getSession(sid), verifier.session(claims));
});

test('an ended session is refused by every call', async () => {
  const verifier = new Verifier(stateful());
  const one = await verifier.signIn('ada', { kind: 'access' });
  const two = await verifier.signIn('ada', { kind: 'access' });
  for (const { access } of [one, two]) verifier.verify(access);
  assert.equal(await verifier.endSessions('ada', { except: two.sid }), 1);
  assert.throws(() => verifier.verify(one.access), code('SESSION_ENDED'));
  assert.throws(() => verifier.verifyHeaders(['Authorization', `Bearer ${one.access}`]), code('SESSION_ENDED'));
  await assert.rejects(verifier.authenticate(one.access), code('SESSION_ENDED'));
  verifier.verify(two.access);
  assert.equal(await verifier.endSession(two.sid), true);
  assert.equal(await verifier.endSession(two.sid), false);
  assert.equal(await verifier.getSession(two.sid), null);
  assert.equal(await verifier.changeSession(two.sid, { set: { a: 1 } }), null);
});

test('personal access tokens', async () => {
  const verifier = new Verifier(stateful());
  const { token, id, expiresAt } = await verifier.createPat('ada', { description: 'laptop', scopes: ['read:orders'], claims: { roleId: 4 }, ttl: '1h' });
  assert.match(token, /^acme_pat_[0-9A-Za-z]{49}$/);
  const claims = await verifier.authenticate(token, { guard: 'orders' });
  assert.equal(claims.jti, id);
  assert.equal(claims.exp, expiresAt);
  assert.equal(verifier.session(claims), null);
  assert.equal(verifier.verify(token, { kind: 'pat' }), claims);
  assert.throws(() => verifier.verify(token, { kind: 'access' }), code('WRONG_TOKEN_KIND'));
  const { pats, next } = await verifier.listPats('ada');
  assert.equal(next, null);
  const { createdAt, lastUsedAt, lastUsedFrom, ...rest } = pats[0];
  assert.deepEqual(rest, { id, subject: 'ada', description: 'laptop', scopes: ['read:orders'], claims: { roleId: 4 }, expiresAt });
  assert.equal(await verifier.revokePat(id), true);
  assert.throws(() => verifier.verify(token), code('REVOKED'));
  assert.equal(await verifier.revokePat(id), false);
  const second = await verifier.createPat('ada');
  assert.equal(await verifier.revokePatToken(second.token), true);
  await verifier.createPat('ada');
  assert.equal(await verifier.revokePats('ada'), 1);
  assert.deepEqual(await verifier.listPats('ada'), { pats: [], next: null });
});

test('two verifiers on one file', async (t) => {
  const document = stateful({}, { state: `sqlite:${path.join(folder(t), 'state.db')}` });
  const [one, two] = [new Verifier(document), new Verifier(document)];
  const { sid, access } = await one.signIn('ada', { kind: 'access', attributes: { floor: 1 } });
  const { token, id } = await one.createPat('ada');
  const claims = await two.authenticate(access);
  await two.authenticate(token);
  await one.changeSession(sid, { set: { floor: 2 } });
  await comes(async () => (await two.authenticate(access)) === claims && attributes(two, claims).floor === 2);
  await one.endSession(sid);
  await comes(async () => (await codeOf(two.authenticate(access))) === 'SESSION_ENDED');
  await two.revokePat(id);
  await comes(async () => (await codeOf(one.authenticate(token))) === 'REVOKED');
});

test('the event loop goes on while the store does not answer', async (t) => {
  const server = await redis(t);
  const document = stateful({}, { state: server.url });
  const [one, two] = [new Verifier(document), new Verifier(document)];
  const { access } = await one.signIn('ada', { kind: 'access' });
  const { token } = await one.createPat('ada');
  const { refresh, sid } = await one.signIn('bob', { kind: 'pair' });
  let settled = 0;
  const waiting = (promise) => {
    promise.finally(() => settled++).catch(() => {});
    return promise;
  };
  const turns = async () => {
    for (let turns = 0; turns < 200; turns++) await turn();
    assert.equal(settled, 0, 'the store was asked, and nobody waited for it');
  };
  server.stop();
  const first = waiting(two.authenticate(access));
  await turns();
  // The cache has the token by now, and memory not its session.
  const asked = [first, waiting(two.authenticateHeaders(['Authorization', `Bearer ${access}`])), waiting(two.authenticate(token)), waiting(one.signIn('eve'))];
  const changed = [one.rotate(refresh), one.revokeHandle('h'), one.revokeFamily('f'), one.revokeSubject('eve')].map(waiting);
  await turns();
  server.go();
  const [claims, again, pat] = await Promise.all(asked);
  const [rotated] = await Promise.all(changed);
  assert.equal((await one.authenticate(rotated.access)).sid, sid);
  assert.equal(claims, again);
  assert.deepEqual([claims.sub, pat.sub, two.session(claims).subject, two.session(pat)], ['ada', 'ada', 'ada', null]);
  server.stop();
  assert.equal(await two.authenticate(access), claims, 'what memory knows needs no store');
  server.go();
});

const servers = {
  express: (auth) => {
    const app = require('express')();
    app.get('/', auth.requireAuth(), auth.requireVip(), (req, res) => res.json(req.auth.session.attributes));
    return app;
  },
  koa: (auth) => {
    const app = new (require('koa'))();
    app.use(auth.requireAuth()).use(auth.requireVip()).use((ctx) => { ctx.body = ctx.state.auth.session.attributes; });
    return app.callback();
  },
  fastify: async (auth) => {
    const app = require('fastify')();
    app.get('/', { onRequest: [auth.requireAuth(), auth.requireVip()] }, (request) => request.auth.session.attributes);
    await app.ready();
    return app.routing;
  },
};

for (const [name, make] of Object.entries(servers)) {
  test(`${name}: the request has its session`, async (t) => {
    const verifier = new Verifier(stateful());
    const server = http.createServer(await make(require(`bearerd/${name}`).bearerd(verifier)));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close().closeAllConnections());
    const ask = (token) => fetch(`http://127.0.0.1:${server.address().port}/`, { headers: { Authorization: `Bearer ${token}` } });
    const { sid, access } = await verifier.signIn('ada', { kind: 'access', claims: { vip: true }, attributes: { floor: 1 } });
    assert.deepEqual(await (await ask(access)).json(), { floor: 1 });
    await verifier.changeSession(sid, { set: { floor: 2 } });
    assert.deepEqual(await (await ask(access)).json(), { floor: 2 });
    const other = await verifier.signIn('ada', { kind: 'access', claims: { vip: false } });
    assert.equal((await ask(other.access)).status, 403);
    await verifier.endSession(sid);
    const refused = await ask(access);
    assert.equal(refused.status, 401);
    assert.equal((await refused.json()).code, 'SESSION_ENDED');
    assert.equal((await (await ask('x')).json()).code, 'MALFORMED');
  });
}

test('what is wrong is refused', async () => {
  const verifier = new Verifier(stateful());
  const { access } = await verifier.signIn('ada', { kind: 'access' });
  const claims = verifier.verify(access);
  assert.throws(() => verifier.session({ ...claims }), TypeError);
  assert.throws(() => verifier.session(undefined), TypeError);
  assert.equal(new Verifier(config()).session({}), null, 'no sessions, whosever claims they are');
  for (const wrong of [
    () => verifier.signIn(''), () => verifier.signIn(7), () => verifier.signIn('ada', { kind: 'refresh' }),
    () => verifier.signIn('ada', { attributes: undefined }), () => verifier.signIn('ada', { attributes: [] }),
    () => verifier.signIn('ada', { attribute: {} }), () => verifier.endSession(''), () => verifier.endSessions('ada', { except: undefined }),
    () => verifier.changeSession('x', { set: 1 }), () => verifier.changeSession('x', { remove: 'a' }), () => verifier.createPat('ada', { scopes: 'a' }),
    () => verifier.createPat('ada', { ttl: -1 }), () => verifier.listPats(''), () => verifier.revokePat(''), () => verifier.authenticate(7),
    () => verifier.authenticateHeaders(['a']), () => verifier.authenticate(access, { profiles: 'api' }),
  ]) await assert.rejects(wrong(), TypeError, String(wrong));
  for (const wrong of [
    () => verifier.signIn('ada', { lifetime: 'none' }), () => verifier.signIn('ada', { profile: 'nobody' }), () => verifier.endSession('x'),
    () => verifier.signIn('ada', { kind: 'access', claims: { sid: 'mine' } }), () => verifier.createPat('ada', { scopes: ['a b'] }), () => verifier.createPat('ada', { scopes: [''] }),
    () => verifier.revokePat('x'), () => verifier.listPats('ada', { after: 'x' }), () => new Verifier(config()).signIn('ada'),
    () => new Verifier(config()).createPat('ada'),
  ]) await assert.rejects(wrong(), code('VALIDATION_ERROR'), String(wrong));
  await assert.rejects(verifier.authenticate('x'), code('MALFORMED'));
  await assert.rejects(verifier.authenticateHeaders([]), code('MISSING_TOKEN'));
});

test("the README's example", (t) => {
  const readme = fs.readFileSync(path.join(__dirname, '../README.md'), 'utf8');
  const example = /## Sessions and[\s\S]*?```js\n([\s\S]*?)```/.exec(readme)[1].replace('/tmp/', `${folder(t)}/`);
  const result = spawnSync(process.execPath, ['--input-type=module', '-'], { cwd: path.join(__dirname, '..'), input: example, encoding: 'utf8' });
  assert.equal(result.stdout, 'clerk\nlead\nSESSION_ENDED\nread:orders\nREVOKED\n', result.stderr);
});

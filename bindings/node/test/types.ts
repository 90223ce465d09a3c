// Compiled by the tests, and never run: how users of TypeScript write it.

import express from 'express';
import Koa from 'koa';
import Fastify from 'fastify';
import { BearerError, Verifier, codes, type Claims, type Guard, type Options, type Permission, type Route, type Verdict } from 'bearerd';
import { bearerd as forExpress } from 'bearerd/express';
import { bearerd as forKoa } from 'bearerd/koa';
import { bearerd as forFastify } from 'bearerd/fastify';

const verifier: Verifier = new Verifier({ profiles: { api: { algorithms: ['HS256'] } } });
const fromFile: Verifier = Verifier.fromFile('x');
const shared: Verifier = Verifier.attach(verifier.share());
const guard: Guard = verifier.guard({ roles: [4, 'admin'], not: { vip: true } });
const options: Options = verifier.options({ guard, audience: 'a', kind: 'access', device: undefined });
const claims: Claims = verifier.verify('t', options);
const subject: string | undefined = claims.sub;
const role: number = claims.roleId;
const permission: Permission | null = verifier.permission(claims);
const scope: 'all' | 'project' | 'group' | 'self' | null | undefined = permission?.dataScope;
const verdicts: Verdict[] = verifier.verifyMany(['t'], { guard: 'orders' });
for (const verdict of verdicts) {
  const text: string = verdict.ok ? String(verdict.claims.sub) : verdict.error.code;
  void text;
}
const { token, expiresAt }: { token: string; expiresAt: number | null } = verifier.sign({ sub: 'ada' }, { ttl: '15m' });
const rotated = verifier.rotate(verifier.signPair({ sub: 'ada' }).refresh, { set: { a: [1] }, remove: ['b'] });
const payload: Promise<unknown> = rotated.then((pair) => pair.payload);
const revoked: Promise<void> = verifier.revokeSubject('ada', { issuedBefore: new Date() });
const status: number | undefined = codes.EXPIRED?.status;
try {
  verifier.verify(token);
} catch (error) {
  if (error instanceof BearerError) console.log(error.code, error.number, error.status, error.message);
}

const route: Route = verifier.route(undefined, '/');
const named: string | undefined = route.access === 'guard' ? route.guard : undefined;
// @ts-expect-error a public route names no guard
if (route.access === 'public') void route.guard;
// @ts-expect-error a target is a string
verifier.route('GET', undefined);

// @ts-expect-error claims are read-only
claims.sub = 'eve';
// @ts-expect-error an option that is not known
verifier.verify('t', { audiance: 'x' });
// @ts-expect-error a token is a string
verifier.verify(undefined);
// @ts-expect-error a rule with a member that is not known
verifier.guard({ role: [4] });
// @ts-expect-error errors are the library's to make
new BearerError(1);

const app = express();
const auth = forExpress(verifier, { device: (req) => req.headers['x-device-id']?.toString() });
app.use(auth.requireRoutes());
app.use(auth.requireAuth());
app.get('/', auth.requireRole(4, 'admin'), auth.requireScopes(['a', 'b']), (req, res) => {
  const sub: string | undefined = req.user?.sub;
  const bypass: boolean | undefined = req.auth?.permission?.bypass;
  res.json({ sub, bypass, floor: req.auth?.session?.attributes.floor });
});
const byRequest = forExpress<express.Request>(verifier, { device: (req) => req.get('x-device-id') });
app.use(byRequest.requireDevice());

const koa = new Koa();
koa.use(forKoa(verifier).requireTokenKind('refresh'));
koa.use(forKoa(verifier).requireRoutes());
koa.use((ctx) => {
  ctx.body = ctx.state.user.sub;
});

const fastify = Fastify();
const hooks = forFastify(verifier, { profile: 'api' });
fastify.addHook('onRequest', hooks.requireAuth());
fastify.addHook('onRequest', hooks.requireRoutes());
fastify.get('/', { preHandler: [hooks.requireVip(), hooks.requireTeam()] }, (request) => request.auth?.permission?.dataScope ?? request.user?.sub);

// @ts-expect-error a kind that does not exist
hooks.requireTokenKind('any');

void [fromFile, shared, subject, role, scope, named, expiresAt, payload, revoked, status];

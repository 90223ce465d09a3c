'use strict';

const native = require('./native');
const { BearerError, checked, refusal } = require('./error');
const { compiled, keyOf } = require('./guard');
const { Kept, session } = require('./kept');
const later = require('./later');
const { Plans, kind } = require('./options');
const { document, filled, isPlain, json, members, span, string, wrong } = require('./text');

const OPENED = Symbol('a verifier that is open already');
const NOT_CACHED = -107;
const ACCESS = [undefined, Object.freeze({ access: 'public' }), Object.freeze({ access: 'token' })];
const SIGNED_KINDS = { __proto__: null, access: 1, refresh: 2 };

let beside;
let checkHeaders;
let checkHeadersLater;
let checkHeld;

class Verifier {
  #handle;
  #kept;
  #plans;
  #objects;
  #run;
  #number;

  constructor(config, ...rest) {
    this.#handle = config === OPENED ? rest[0] : checked(native.open('text', document(config, 'config')));
    const { slots, profiles } = JSON.parse(checked(native.describe(this.#handle)));
    this.#kept = new Kept(this.#handle, slots, Object.values(profiles).some(({ sessions }) => sessions));
    this.#objects = this.#kept.objects;
    this.#plans = new Plans(this.#handle);
    this.#run = this.#plans.plain.run;
  }

  static {
    beside = (verifier, claims) => verifier.#beside(claims);
    checkHeaders = (verifier, headers, options, device) => {
      const answer = native.headers(verifier.#plans.of(options).run, headers, device, true);
      const claims = verifier.#answered(answer, headers);
      return { claims, held: typeof answer === 'number' ? undefined : native.held(verifier.#handle) };
    };
    checkHeadersLater = (verifier, headers, options, device) => verifier.#headersLater(headers, verifier.#plans.of(options).run, device);
    checkHeld = (verifier, held, options, device) => {
      checked(native.checkHeld(verifier.#plans.of(options).run, held, device));
    };
  }

  static fromFile(path) {
    return new this(OPENED, checked(native.open('file', filled(path, 'path'))));
  }

  static fromEnv() {
    return new this(OPENED, checked(native.open('environment')));
  }

  static attach(shared) {
    if (!Number.isInteger(shared) || shared < 0) throw wrong('shared', 'what verifier.share() returned', shared);
    const handle = native.attach(shared);
    if (handle === -1) throw new TypeError('shared is no verifier of this process');
    return new this(OPENED, checked(handle));
  }

  share() {
    if (this.#number === undefined) {
      const number = native.share(this.#handle);
      if (number < 0) throw new Error('too many verifiers are shared; share one and attach to it');
      this.#number = number;
    }
    return this.#number;
  }

  verify(token, options) {
    let answer;
    if (options === undefined) answer = this.#run(token);
    else {
      const { run, device } = this.#plans.of(options);
      answer = device === undefined ? run(token) : run(token, device);
    }
    if (typeof answer === 'number' && answer >= 0) {
      const claims = this.#objects[answer];
      if (claims !== undefined) return claims;
    }
    return this.#answered(answer, token);
  }

  #plan(options) {
    return options === undefined ? this.#plans.plain : this.#plans.of(options);
  }

  /** Every answer but the quick one. */
  #answered(answer, token) {
    if (typeof answer === 'string' || typeof answer === 'object') return this.#kept.build(answer);
    if (answer === undefined) throw wrong('token', 'a string', token);
    if (answer < 0) throw refusal(answer);
    return this.#objects[answer] ?? this.#missing();
  }

  #missing() {
    throw new BearerError(999, 'INTERNAL: the claims of a slot are missing');
  }

  async authenticate(token, options) {
    if (typeof token !== 'string') throw wrong('token', 'a string', token);
    const { run, device } = this.#plan(options);
    return this.#later(token, run, device);
  }

  async authenticateHeaders(headers, options) {
    const { run, device } = this.#plan(options);
    return this.#headersLater(pairs(headers), run, device);
  }

  async #headersLater(headers, run, device) {
    return this.#later(checked(native.extract(run, headers)), run, device);
  }

  /** From memory, else by a thread that may wait. */
  async #later(token, run, device) {
    const answer = native.lookup(run, token, device);
    if (answer !== NOT_CACHED) return this.#answered(answer, token);
    return later.promise((done) => native.verifyLater(run, token, device, done), (late) => this.#answered(late, token));
  }

  #beside(claims) {
    const found = this.#kept.beside(claims);
    if (found === undefined) throw wrong('claims', 'claims of this verifier, and no copy of them', claims);
    return found;
  }

  session(claims) {
    return this.#beside(claims).session;
  }

  permission(claims) {
    return this.#beside(claims).permission;
  }

  verifyMany(tokens, options) {
    if (!Array.isArray(tokens)) throw wrong('tokens', 'an array', tokens);
    const { run, device } = this.#plan(options);
    return Array.from(tokens, (token, i) => {
      if (typeof token !== 'string') throw wrong(`tokens[${i}]`, 'a string', token);
      const answer = run(token, device);
      if (typeof answer === 'number' && answer < 0) return { ok: false, error: refusal(answer) };
      return { ok: true, claims: this.#answered(answer, token) };
    });
  }

  verifyAuthorization(value, options) {
    if (value !== undefined && value !== null && typeof value !== 'string') throw wrong('value', 'a string', value);
    const { run, device } = this.#plan(options);
    return this.#answered(native.authorization(run, value ?? undefined, device), value);
  }

  verifyHeaders(headers, options) {
    const { run, device } = this.#plan(options);
    return this.#answered(native.headers(run, pairs(headers), device), headers);
  }

  explain(token, options) {
    if (typeof token !== 'string') throw wrong('token', 'a string', token);
    const { run, device } = this.#plan(options);
    return JSON.parse(checked(native.explain(run, token, device)));
  }

  options(options) {
    return this.#plans.prepare(options);
  }

  route(method, target) {
    if (method !== undefined && typeof method !== 'string') throw wrong('method', 'a string', method);
    if (typeof target !== 'string') throw wrong('target', 'a string', target);
    // Whoever sends a request chooses them, so half a surrogate pair is refused and no mistake of the caller's.
    const answer = checked(native.route(this.#handle, method, target));
    return typeof answer === 'string' ? { access: 'guard', guard: answer } : ACCESS[answer];
  }

  guard(rule) {
    return compiled(this.#handle, keyOf(rule, 'rule'));
  }

  sign(claims, options = {}) {
    const { kind: which = 1, profile, ttl } = signing(options, ['kind', 'profile', 'ttl']);
    const [token, expiresAt] = checked(native.sign(this.#handle, payload(claims), which, profile, ttl));
    return { token, expiresAt };
  }

  signPair(claims, options = {}) {
    const { profile, ttl } = signing(options, ['profile', 'ttl']);
    return pair(JSON.parse(checked(native.signPair(this.#handle, payload(claims), 0, profile, ttl))));
  }

  async rotate(refresh, options = {}) {
    const { profile, ttl, set, remove } = later.read(options, ['profile', 'ttl', 'set', 'remove']);
    return pair(await later.asked(this.#handle, 'rotate', [string(refresh, 'refresh'), profile, ttl, set, remove]));
  }

  async revokeToken(token, options) {
    await later.asked(this.#handle, 'revokeToken', [string(token, 'token'), profileOf(options)]);
  }

  async revokeHandle(handle, options) {
    await later.asked(this.#handle, 'revokeHandle', [string(handle, 'handle'), profileOf(options)]);
  }

  async revokeFamily(family, options) {
    await later.asked(this.#handle, 'revokeFamily', [string(family, 'family'), profileOf(options)]);
  }

  async revokeSubject(subject, options = {}) {
    const profile = profileOf(options, ['issuedBefore', 'profile']);
    await later.asked(this.#handle, 'revokeSubject', [string(subject, 'subject'), profile, moment(options)]);
  }

  async signIn(subject, options = {}) {
    const { kind: which = 0, ...said } = later.read(options, ['kind', 'profile', 'attributes', 'claims', 'ttl', 'lifetime']);
    const texts = [filled(subject, 'subject'), said.profile, said.attributes, said.claims, said.ttl, said.lifetime];
    return signedIn(await later.asked(this.#handle, 'signIn', texts, which));
  }

  async getSession(sid, options) {
    const found = (await later.asked(this.#handle, 'getSession', [filled(sid, 'sid'), profileOf(options)])).session;
    return found && session(found);
  }

  async listSessions(subject, options) {
    return sessions(await later.asked(this.#handle, 'listSessions', [filled(subject, 'subject'), profileOf(options)]));
  }

  async endSession(sid, options) {
    return (await later.asked(this.#handle, 'endSession', [filled(sid, 'sid'), profileOf(options)])) === 1;
  }

  async endSessions(subject, options = {}) {
    const { profile, except } = later.read(options, ['profile', 'except']);
    return later.asked(this.#handle, 'endSessions', [filled(subject, 'subject'), profile, except]);
  }

  async changeSession(sid, options = {}) {
    const { profile, set, remove } = later.read(options, ['profile', 'set', 'remove']);
    return sessions(await later.asked(this.#handle, 'changeSession', [filled(sid, 'sid'), profile, set, remove]))[0] ?? null;
  }

  async changeSessions(subject, options = {}) {
    const { profile, set, remove } = later.read(options, ['profile', 'set', 'remove']);
    return sessions(await later.asked(this.#handle, 'changeSessions', [filled(subject, 'subject'), profile, set, remove]));
  }

  async createPat(subject, options = {}) {
    const { profile, description, scopes, claims, ttl } = later.read(options, ['profile', 'description', 'scopes', 'claims', 'ttl']);
    const made = await later.asked(this.#handle, 'createPat', [filled(subject, 'subject'), profile, description, scopes, claims, ttl]);
    return { token: made.token, id: made.id, expiresAt: made.expires_at };
  }

  async listPats(subject, options = {}) {
    const { profile, after } = later.read(options, ['profile', 'after']);
    const page = await later.asked(this.#handle, 'listPats', [filled(subject, 'subject'), profile, after]);
    return { pats: page.pats.map(pat), next: page.next };
  }

  async revokePat(id, options) {
    return (await later.asked(this.#handle, 'revokePat', [filled(id, 'id'), profileOf(options)])) === 1;
  }

  async revokePatToken(token, options) {
    return (await later.asked(this.#handle, 'revokePatToken', [filled(token, 'token'), profileOf(options)])) === 1;
  }

  async revokePats(subject, options) {
    return later.asked(this.#handle, 'revokePats', [filled(subject, 'subject'), profileOf(options)]);
  }

  replaceKeys(profile, jwks) {
    checked(native.replaceKeys(this.#handle, named(profile), document(jwks, 'jwks')));
  }

  reloadKeys() {
    checked(native.reloadKeys(this.#handle));
  }

  jwks() {
    return JSON.parse(checked(native.jwks(this.#handle)));
  }

  describe() {
    return JSON.parse(checked(native.describe(this.#handle)));
  }

  stats(profile) {
    return checked(native.stats(this.#handle, named(profile)));
  }
}

/** Names and values in turn, each a string. */
function pairs(headers) {
  if (!Array.isArray(headers) || headers.length % 2 !== 0) throw wrong('headers', 'an array of names and values in turn', headers);
  headers.forEach((text, i) => {
    if (typeof text !== 'string') throw wrong(`headers[${i}]`, 'a string', text);
  });
  return headers;
}

function sessions(answer) {
  return answer.sessions.map(session);
}

function signedIn({ sid, expires_at: expiresAt, access, access_expires_at: accessExpiresAt, refresh, refresh_expires_at: refreshExpiresAt }) {
  return { sid, expiresAt, ...(access && { access, accessExpiresAt }), ...(refresh && { refresh, refreshExpiresAt }) };
}

function pat({ created_at: createdAt, expires_at: expiresAt, last_used_at: lastUsedAt, last_used_from: lastUsedFrom, ...rest }) {
  return { ...rest, createdAt, expiresAt, lastUsedAt, lastUsedFrom };
}

function profileOf(options = {}, known = ['profile']) {
  return Object.hasOwn(members(options, 'options', known), 'profile') ? filled(options.profile, 'options.profile') : undefined;
}

function named(profile) {
  return profile === undefined ? undefined : filled(profile, 'profile');
}

function payload(claims) {
  if (!isPlain(claims)) throw wrong('claims', 'an object', claims);
  return json(claims, 'claims');
}

function signing(options, known) {
  const read = {
    kind: (value, where) => kind(value, where, SIGNED_KINDS),
    profile: filled,
    ttl: span,
  };
  const said = {};
  for (const name of Object.keys(members(options, 'options', known))) said[name] = read[name](options[name], `options.${name}`);
  return said;
}

/** Seconds since the epoch; a Date says it in milliseconds. */
function moment(options) {
  if (!Object.hasOwn(options, 'issuedBefore')) return undefined;
  const value = options.issuedBefore;
  const seconds = value instanceof Date ? Math.ceil(value.getTime() / 1000) : value;
  if (!Number.isSafeInteger(seconds)) throw wrong('options.issuedBefore', 'a Date or whole seconds since the epoch', value);
  return String(seconds);
}

function pair({ access, access_expires_at, refresh, refresh_expires_at, ...rest }) {
  return { access, accessExpiresAt: access_expires_at, refresh, refreshExpiresAt: refresh_expires_at, ...rest };
}

// All but the first are the middleware's: what claims come with, a request's headers, now or by a thread
// that may wait, and a guard over claims that no cache keeps.
module.exports = { Verifier, beside, checkHeaders, checkHeadersLater, checkHeld };

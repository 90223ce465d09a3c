'use strict';

// What the middleware of all frameworks has in common: the token of a request, and the
// requirements. A framework's own file sees to its requests and answers.

const { beside, checkHeaders, checkHeadersLater, checkHeld, Verifier } = require('./verifier');
const { pick, single } = require('./headers');
const { PUBLIC, Routes } = require('./routes');
const { filled, members, wrong } = require('./text');

const NAMES = ['profile', 'audience', 'device'];

/** The headers in which the library looks for the token, in lower case. */
function headersOf(verifier, wanted) {
  const { profiles, default_profile: byDefault } = verifier.describe();
  if (wanted !== undefined && !Object.hasOwn(profiles, wanted)) throw new TypeError(`options.profile: there is no profile ${JSON.stringify(wanted)}`);
  const profile = wanted ?? byDefault;
  const places = profile === null ? ['bearer'] : profiles[profile].token_from;
  const names = places.map((place) => {
    const [kind, header] = place.split(/:(.*)/s);
    return kind === 'bearer' ? 'authorization' : kind === 'cookie' ? 'cookie' : header.toLowerCase();
  });
  return new Set(names);
}

/** Whether verifying may wait for a store. */
function waits(verifier, wanted) {
  const { profiles } = verifier.describe();
  const asked = wanted === undefined ? Object.values(profiles) : [profiles[wanted]];
  return asked.some(({ sessions, pats }) => sessions || pats);
}

/** The device that a request says it comes from: a header's name, or a function of the request. */
function deviceReader(device) {
  if (device === undefined) return () => undefined;
  if (typeof device === 'function') return device;
  if (typeof device !== 'string') throw wrong('options.device', "a header's name or a function", device);
  const name = filled(device, 'options.device').toLowerCase();
  return (_, raw) => single(raw, name);
}

class Gate {
  #verifier;
  #names;
  #device;
  #base = {};
  /** Whether `check` answers with a promise. */
  waits;
  /** What this gate has found out about a request, for the requirements that follow. */
  #seen = new WeakMap();

  constructor(verifier, options = {}) {
    if (!(verifier instanceof Verifier)) throw wrong('verifier', 'a Verifier', verifier);
    this.#verifier = verifier;
    for (const name of Object.keys(members(options, 'options', NAMES))) {
      if (name !== 'device') this.#base[name] = filled(options[name], `options.${name}`);
    }
    this.#device = deviceReader(options.device);
    this.#names = headersOf(verifier, this.#base.profile);
    this.waits = waits(verifier, this.#base.profile);
  }

  /** Has a request's own object tell who it is. Of a public one nobody asked. */
  tell(target, claims) {
    if (claims === undefined) return;
    const { session, permission } = beside(this.#verifier, claims);
    target.user = claims;
    target.auth = { claims, session, permission };
  }

  /** A requirement, compiled now, so that a wrong one is an error at the start and not in a request.
   * `kindless`: it is one over claims alone and says nothing of the token's kind. */
  prepare(guard, kindless) {
    return { options: this.#verifier.options(guard === undefined ? this.#base : { ...this.#base, guard }), kindless };
  }

  /** What the routes require: of each request its own. */
  routes(asked) {
    return new Routes(this.#verifier, (guard, kindless) => this.prepare(guard, kindless), asked);
  }

  /** The claims of a request that meets a requirement, undefined where a route asks for none; throws
   * where it does not.
   *
   * A requirement after another verifies again, which the cache answers and where all that may
   * have changed is seen. Where no cache keeps the token, the claims are held for the request and
   * the guards decide over them: the signature is verified once. What was verified as a token of
   * another kind than the profile's own is not held, as it would not do for the next.
   *
   * Where verifying may wait for a store, the answer is a promise, and each requirement verifies. */
  check(request, raw, required) {
    const prepared = required instanceof Routes ? required.of(request) : required;
    if (prepared === PUBLIC) return undefined;
    const { options, kindless } = prepared;
    const device = this.#device(request, raw) ?? undefined;
    if (this.waits) return checkHeadersLater(this.#verifier, pick(raw, this.#names), options, device);
    const seen = this.#seen.get(raw);
    if (seen !== undefined && kindless) {
      checkHeld(this.#verifier, seen.held, options, device);
      return seen.claims;
    }
    const { claims, held } = checkHeaders(this.#verifier, pick(raw, this.#names), options, device);
    if (held !== undefined && kindless) this.#seen.set(raw, { claims, held });
    return claims;
  }
}

const flat = (list) => list.flat();

/** The middleware of a framework, by the name of what it requires. `adapt` makes one of a
 * prepared requirement; `asked` gives method and target of the framework's request. */
function requirements(gate, adapt, asked) {
  const require = (guard, kindless = true) => adapt(gate.prepare(guard, kindless));
  return Object.freeze({
    requireAuth: () => require(undefined),
    requireGuard: (guard) => {
      if (guard === undefined) throw wrong('guard', 'a name, a rule or a guard', guard);
      return require(guard, false);
    },
    requireRoutes: () => adapt(gate.routes(asked)),
    requireRole: (...roles) => require({ roles: flat(roles) }),
    requireScopes: (...scopes) => require({ scopes: flat(scopes) }),
    requireAnyScope: (...scopes) => require({ any_scope: flat(scopes) }),
    requirePermission: (...permissions) => require({ permission: flat(permissions) }),
    requireAnyPermission: (...permissions) => require({ any_permission: flat(permissions) }),
    requireVip: () => require({ vip: true }),
    requireTeam: (...teams) => require({ team: teams.length === 0 ? true : flat(teams) }),
    requireTokenKind: (kind) => {
      if (kind !== 'access' && kind !== 'refresh') throw wrong('kind', '"access" or "refresh"', kind);
      return require({ token: kind }, false);
    },
    requireDevice: () => require({ device: true }),
  });
}

module.exports = { Gate, requirements };

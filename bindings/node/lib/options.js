'use strict';

// Options of a verification. They are read into a plan, a function of the addon that has them
// already; the device is the one that changes from request to request and stays an argument.

const native = require('./native');
const guards = require('./guard');
const { filled, members, string, wrong } = require('./text');

const NAMES = ['profile', 'guard', 'audience', 'device', 'kind'];
const KINDS = { __proto__: null, access: 1, refresh: 2, any: 3, pat: 4 };
/** Plans that are kept for literal options; who has more differing ones prepares them. */
const MOST_PLANS = 32;

const OURS = Symbol('options are prepared by verifier.options');

let planOf;

/** Options that were read once. */
class Options {
  #owner;
  #plan;

  static {
    planOf = (value, owner) => {
      if (!(#plan in value)) return undefined;
      if (value.#owner !== owner) throw new TypeError('options were prepared by another verifier');
      return value.#plan;
    };
  }

  constructor(ours, owner, plan) {
    if (ours !== OURS) throw new TypeError('prepare options with verifier.options({…})');
    this.#owner = owner;
    this.#plan = plan;
    Object.freeze(this);
  }
}

/** A kind by the number that the library gives it. */
function kind(value, where, allowed = KINDS) {
  const found = typeof value === 'string' ? allowed[value] : undefined;
  if (found === undefined) throw wrong(where, Object.keys(allowed).map((name) => `"${name}"`).join(' or '), value);
  return found;
}

/** What the options say, each member read once, by value. */
function read(options) {
  const said = { profile: undefined, guard: undefined, audience: undefined, device: undefined, kind: 0 };
  for (const name of Object.keys(members(options, 'options', NAMES))) {
    const value = options[name];
    const where = `options.${name}`;
    switch (name) {
      case 'guard':
        said.guard = guards.keyOf(value, where);
        break;
      case 'kind':
        said.kind = kind(value, where);
        break;
      case 'device':
        // A request without a device says undefined, and a guard that wants one refuses it.
        if (value !== undefined && value !== null) said.device = string(value, where);
        break;
      default:
        said[name] = filled(value, where);
    }
  }
  return said;
}

/** The plans of one verifier. */
class Plans {
  #verifier;
  #recent = [];

  constructor(verifier) {
    this.#verifier = verifier;
    this.plain = this.#make({ kind: 0 });
  }

  #make({ guard, profile, audience, kind }) {
    const compiled = guard === undefined ? undefined : guards.compiled(this.#verifier, guard);
    const run = native.plan(this.#verifier, compiled && guards.handleOf(compiled), profile, audience, kind);
    return { guard, profile, audience, kind, device: undefined, run };
  }

  /** The plan of what was said, compared member by member: no text is joined that could be parted
   * in two ways. */
  #find(said) {
    const { guard, profile, audience, kind } = said;
    const recent = this.#recent;
    const at = recent.findIndex((plan) => plan.guard === guard && plan.profile === profile && plan.audience === audience && plan.kind === kind);
    if (at >= 0) return recent[at];
    const plan = this.#make(said);
    if (recent.length === MOST_PLANS) recent.shift();
    recent.push(plan);
    return plan;
  }

  prepare(options) {
    const said = read(options);
    return new Options(OURS, this, { ...this.#make(said), device: said.device });
  }

  /** The plan of prepared or literal options, and the device. */
  of(options) {
    if (typeof options !== 'object' || options === null) throw wrong('options', 'an object', options);
    const prepared = planOf(options, this);
    if (prepared !== undefined) return prepared;
    const said = read(options);
    const plan = this.#find(said);
    return said.device === undefined ? plan : { ...plan, device: said.device };
  }
}

module.exports = { Options, Plans, kind };

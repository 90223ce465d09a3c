'use strict';

// The claims objects of one verifier. The library names its cache entries by slot and generation,
// the addon compares both; here is the object of each slot that it vouches for.

const native = require('./native');
const { checked } = require('./error');

const { parse } = JSON;
const { freeze, keys } = Object;

/** Freezes `value` and all that it holds. The library has bounded the depth. */
function frozen(value) {
  for (const name of keys(value)) {
    const member = value[name];
    if (typeof member === 'object' && member !== null) frozen(member);
  }
  return freeze(value);
}

/** Claims from the payload. A claim named "__proto__" becomes a property of the object's own. */
function claims(json) {
  return frozen(parse(json));
}

/** What JSON of the library says, in the names of JavaScript. */
function session({ sid, subject, attributes, created_at: createdAt, renewed_at: renewedAt, expires_at: expiresAt }) {
  return frozen({ sid, subject, attributes, createdAt, renewedAt, expiresAt });
}

class Kept {
  /** The object of each slot; read only where the addon has named the slot. */
  objects = [];
  #handle;
  #slots;
  /** Where there are sessions: claims object -> what is known of its session. */
  #sessions;

  constructor(handle, slots, sessions) {
    this.#handle = handle;
    this.#slots = slots;
    if (sessions) this.#sessions = new WeakMap();
  }

  /** The session of claims, as the last verification of their token found it. The same object while
   * it says the same; undefined where the claims were not built here. */
  session(built) {
    if (this.#sessions === undefined) return null;
    const known = this.#sessions.get(built);
    if (known === undefined || known.claims === undefined) return known && null;
    const read = checked(native.session(known.claims, known.version));
    if (read !== undefined) {
      known.version = read[0];
      known.session = session(parse(read[1]));
    }
    return known.session;
  }

  /** The claims of an answer that was JSON, kept if the library keeps its entry. */
  build(json) {
    const built = claims(json);
    this.#sessions?.set(built, { claims: native.sessioned(this.#handle), version: 0, session: null });
    if (this.#slots === 0) return built;
    const slot = native.keep(this.#handle);
    if (slot === -1) return built;
    if (slot >= 0) this.#put(slot, built);
    else {
      this.#put(-2 - slot, built);
      this.#lighten();
    }
    return built;
  }

  #put(slot, built) {
    const { objects } = this;
    // Without holes, so that the array stays a plain one.
    while (objects.length <= slot) objects.push(undefined);
    objects[slot] = built;
  }

  #lighten() {
    for (let slot = native.drop(this.#handle); slot >= 0; slot = native.drop(this.#handle)) this.objects[slot] = undefined;
  }
}

module.exports = { Kept, claims, session };

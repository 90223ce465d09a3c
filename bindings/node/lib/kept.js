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

function permission({ permission: said }) {
  return said === undefined ? null : frozen({ dataScope: said.data_scope, bypass: said.bypass });
}

/** What most claims come with. */
const NOTHING = freeze({ session: null, permission: null });

class Kept {
  /** The object of each slot; read only where the addon has named the slot. */
  objects = [];
  #handle;
  #slots;
  #sessions;
  /** Claims object -> what it comes with: where there are sessions, of every one. Absent until there is
   * one, so that most have nothing to look up. */
  #beside;

  constructor(handle, slots, sessions) {
    this.#handle = handle;
    this.#slots = slots;
    this.#sessions = sessions;
    if (sessions) this.#beside = new WeakMap();
  }

  /** What claims come with, as the last verification of their token found it. The same objects while
   * they say the same; undefined where the claims were not built here. */
  beside(built) {
    const known = this.#beside?.get(built);
    if (known === undefined) return this.#sessions ? undefined : NOTHING;
    if (known.context !== undefined) {
      known.permission = permission(parse(known.context));
      known.context = undefined;
    }
    if (known.claims !== undefined) {
      const read = checked(native.session(known.claims, known.version));
      if (read !== undefined) {
        known.version = read[0];
        known.session = session(parse(read[1]));
        known.permission = permission(parse(read[2]));
      }
    }
    return known;
  }

  /** The claims of an answer that was JSON, with what they come with or without, kept if the library
   * keeps its entry. */
  build(answer) {
    const alone = typeof answer === 'string';
    const built = claims(alone ? answer : answer[0]);
    if (!alone) this.#remember(built, answer[1]);
    else if (this.#sessions) this.#beside.set(built, NOTHING);
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

  /** `beside`: a handle by which to ask, or text that never changes and is read when it is asked for. */
  #remember(built, beside) {
    const fixed = typeof beside === 'string';
    this.#beside ??= new WeakMap();
    this.#beside.set(built, { claims: fixed ? undefined : beside, context: fixed ? beside : undefined, version: 0, session: null, permission: null });
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

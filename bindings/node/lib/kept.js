'use strict';

// The claims objects of one verifier. The library names its cache entries by slot and generation,
// the addon compares both; here is the object of each slot that it vouches for.

const native = require('./native');

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

class Kept {
  /** The object of each slot; read only where the addon has named the slot. */
  objects = [];
  #handle;
  #slots;

  constructor(handle, slots) {
    this.#handle = handle;
    this.#slots = slots;
  }

  /** The claims of an answer that was JSON, kept if the library keeps its entry. */
  build(json) {
    const built = claims(json);
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

module.exports = { Kept, claims };

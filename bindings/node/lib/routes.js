'use strict';

// What the [[routes]] of the configuration ask of each request, as requirements that were compiled
// when the middleware was made.

const { BearerError } = require('./error');

/** In place of a requirement. Nothing else lets a request pass unasked, a requirement that is missing least
 * of all. */
const PUBLIC = Symbol('public');

class Routes {
  #verifier;
  #asked;
  #token;
  #guards = new Map();

  /** `asked` gives method and target of a framework's request; `prepare` compiles a requirement. */
  constructor(verifier, prepare, asked) {
    try {
      verifier.route('GET', '/');
    } catch (error) {
      // Refused is an answer; no routes to ask is a mistake, and one at the start.
      if (!(error instanceof BearerError) || error.code !== 'FORBIDDEN') throw error;
    }
    this.#verifier = verifier;
    this.#asked = asked;
    this.#token = prepare(undefined, true);
    for (const name of verifier.describe().guards) this.#guards.set(name, prepare(name, false));
  }

  /** The requirement for a request, PUBLIC where it needs none. Throws where it is refused whatever it
   * brings. */
  of(request) {
    const [method, target] = this.#asked(request);
    const { access, guard } = this.#verifier.route(method, target);
    if (access === 'public') return PUBLIC;
    return access === 'token' ? this.#token : this.#guards.get(guard);
  }
}

/** The target as it came, if what a mount has cut off it is all that was changed. Otherwise the router
 * goes by a URL that something has written, and the rules are not about that: no target. */
function arrived(original, base, rest) {
  if (rest === original) return original;
  const cut = original.slice(base.length);
  return base !== '' && original.startsWith(base) && (rest === cut || rest === `/${cut}`) ? original : '';
}

module.exports = { PUBLIC, Routes, arrived };

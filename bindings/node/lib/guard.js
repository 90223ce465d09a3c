'use strict';

const native = require('./native');
const { checked } = require('./error');
const { filled, isPlain, json, wrong } = require('./text');

const OURS = Symbol('guards are made by verifier.guard');

let handleOf;

/** A compiled rule. */
class Guard {
  #handle;

  static {
    handleOf = (value) => (typeof value === 'object' && value !== null && #handle in value ? value.#handle : undefined);
  }

  constructor(ours, handle) {
    if (ours !== OURS) throw new TypeError('make a guard with verifier.guard(rule)');
    this.#handle = handle;
    Object.freeze(this);
  }
}

/** What a guard is told apart by: itself, its name, or the text of its rule. */
function keyOf(guard, where) {
  if (handleOf(guard) !== undefined) return guard;
  if (typeof guard === 'string') return `name:${filled(guard, where)}`;
  if (isPlain(guard)) return `rule:${json(guard, where)}`;
  throw wrong(where, 'a name, a rule or a guard of verifier.guard()', guard);
}

/** The compiled guard of a key. */
function compiled(verifier, key) {
  if (typeof key !== 'string') return key;
  const text = key.slice(5);
  return new Guard(OURS, checked(key.startsWith('name:') ? native.guardNamed(verifier, text) : native.guard(text)));
}

module.exports = { Guard, keyOf, compiled, handleOf };

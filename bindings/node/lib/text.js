'use strict';

// Values from users, read strictly: what would be dropped or replaced silently on its way to the
// library is a TypeError that says where it stands, because a check that vanished with an
// undefined variable is a check that nobody makes.

const MOST_DEPTH = 64;

function kindOf(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return value.constructor?.name ? `an object (${value.constructor.name})` : 'an object';
  return typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`;
}

function wrong(where, expected, value) {
  const error = new TypeError(`${where} must be ${expected}; it is ${kindOf(value)}`);
  error.code = 'ERR_INVALID_ARG_TYPE';
  return error;
}

/** A string that UTF-8 can hold. */
function string(value, where) {
  if (typeof value !== 'string') throw wrong(where, 'a string', value);
  if (!value.isWellFormed()) throw new TypeError(`${where} holds half a surrogate pair`);
  return value;
}

function filled(value, where) {
  if (string(value, where) === '') throw new TypeError(`${where} is empty; leave it out, or give it a value`);
  return value;
}

function isPlain(value) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  // An object of another realm has another Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** An object with no members but these. */
function members(value, where, known) {
  if (!isPlain(value)) throw wrong(where, 'an object', value);
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw new TypeError(`${where} has no ${JSON.stringify(name)}; it has ${known.join(', ')}`);
  }
  return value;
}

/** JSON of exactly what is there. Each property is read once. */
function json(value, where, depth = 0) {
  if (depth > MOST_DEPTH) throw new TypeError(`${where} is nested too deep, or holds itself`);
  switch (typeof value) {
    case 'string':
      return JSON.stringify(string(value, where));
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${where} must be a finite number; it is ${value}`);
      return JSON.stringify(value);
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${Array.from(value, (element, i) => json(element, `${where}[${i}]`, depth + 1)).join(',')}]`;
      if (isPlain(value)) {
        const member = (name) => `${json(name, where)}:${json(value[name], `${where}.${name}`, depth + 1)}`;
        return `{${Object.keys(value).map(member).join(',')}}`;
      }
  }
  throw wrong(where, 'a string, number, boolean, null, array or plain object', value);
}

/** JSON of an object, or text that is taken as it stands. */
function document(value, where) {
  if (typeof value === 'string') return filled(value, where);
  if (!isPlain(value)) throw wrong(where, 'text or an object', value);
  return json(value, where);
}

/** A span of time: "15m", or a number of seconds. */
function span(value, where) {
  if (typeof value === 'string') return filled(value, where);
  if (typeof value !== 'number') throw wrong(where, 'a string such as "15m" or a number of seconds', value);
  if (!Number.isSafeInteger(value) || value <= 0) throw new TypeError(`${where} must be a whole number of seconds above 0; it is ${value}`);
  return String(value);
}

module.exports = { kindOf, wrong, string, filled, isPlain, members, json, document, span };

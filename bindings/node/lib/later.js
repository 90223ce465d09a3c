'use strict';

// What may wait for a store: asked of a thread of Node's pool, answered with a promise, so that the
// event loop goes on.

const native = require('./native');
const { checked } = require('./error');
const { kind } = require('./options');
const { filled, isPlain, json, members, span, string, wrong } = require('./text');

const KINDS = { __proto__: null, none: 0, access: 1, pair: 2 };

function object(value, where) {
  if (!isPlain(value)) throw wrong(where, 'an object', value);
  return json(value, where);
}

/** Whether one may be empty is the library's to say: a member of JSON may have the empty name. */
function list(value, where) {
  if (!Array.isArray(value)) throw wrong(where, 'an array of strings', value);
  return json(value.map((one, i) => string(one, `${where}[${i}]`)), where);
}

const READERS = {
  kind: (value, where) => kind(value, where, KINDS),
  profile: filled,
  except: filled,
  after: filled,
  description: filled,
  ttl: span,
  lifetime: span,
  attributes: object,
  claims: object,
  set: object,
  remove: list,
  scopes: list,
};

/** What the options say, as text for the library. */
function read(options, known) {
  const said = {};
  for (const name of Object.keys(members(options, 'options', known))) said[name] = READERS[name](options[name], `options.${name}`);
  return said;
}

/** A promise of what `taken` makes of the answer. It is taken while the library's words for it are there. */
function promise(begin, taken) {
  return new Promise((resolve, reject) => {
    begin((answer) => {
      try {
        resolve(taken(answer));
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** The answer of an operation: what its JSON says, or a count. */
function asked(verifier, what, texts, which = 0) {
  const taken = (answer) => (typeof answer === 'string' ? JSON.parse(answer) : checked(answer));
  return promise((done) => native.ask(verifier, what, which, texts, done), taken);
}

module.exports = { read, promise, asked };

'use strict';

// What a shared case leaves open until it runs: texts that an earlier step gave, and times ahead.

const assert = require('node:assert/strict');
const { isPlain } = require('../lib/text');

const mapped = (object, each) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, each(value, name)]));

/** The same with every text that was kept in its place. */
function filled(value, kept) {
  if (Array.isArray(value)) return value.map((one) => filled(one, kept));
  if (!isPlain(value)) return value;
  if (!Object.hasOwn(value, '$')) return mapped(value, (one) => filled(one, kept));
  const { $: name, before = '', after = '', ...rest } = value;
  assert.deepEqual(rest, {}, `members beside $ that are not known`);
  assert.ok(kept.has(name), `nothing was kept as ${name}`);
  return before + kept.get(name) + after;
}

/** The same with the time that came in place of each `$ahead` that it satisfies. */
function met(expected, actual) {
  if (Array.isArray(expected)) return expected.map((one, i) => met(one, actual?.[i]));
  if (!isPlain(expected)) return expected;
  if (!Object.hasOwn(expected, '$ahead')) return mapped(expected, (one, name) => met(one, actual?.[name]));
  assert.deepEqual(Object.keys(expected), ['$ahead']);
  const now = Math.floor(Date.now() / 1000);
  return Number.isInteger(actual) && actual > now && actual <= now + expected.$ahead ? actual : expected;
}

module.exports = { filled, met };

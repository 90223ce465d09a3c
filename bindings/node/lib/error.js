'use strict';

const native = require('./native');

/** Rows of the library's own table by number. */
const rows = new Map();
/** The same by name, for users. */
const codes = Object.create(null);

for (const [number, name, status, message] of native.codes()) {
  const row = Object.freeze({ code: name, number, status, message });
  rows.set(number, row);
  codes[name] = row;
}

const INTERNAL = rows.get(999);

class BearerError extends Error {
  /** @param {number} number of the code  @param {string} [detail] what the library says beyond the code's sentence */
  constructor(number, detail) {
    const row = rows.get(number) ?? INTERNAL;
    super(detail || `${row.code}: ${row.message}`);
    this.code = row.code;
    this.number = row.number;
    this.status = row.status;
  }
}
// On the prototype, so that it is not one more own property of each error.
Object.defineProperty(BearerError.prototype, 'name', { value: 'BearerError', writable: true, configurable: true });

/** The error of an answer below zero. */
function refusal(answer) {
  return new BearerError(-answer, native.detail());
}

/** The answer of a call that says no by a number below zero. */
function checked(answer) {
  if (typeof answer === 'number' && answer < 0) throw refusal(answer);
  return answer;
}

module.exports = { BearerError, codes: Object.freeze(codes), rows, refusal, checked };

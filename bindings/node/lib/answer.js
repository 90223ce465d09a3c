'use strict';

// The answer to a request that is refused: the code and its sentence, never the detail. The same
// status, headers and body as the sidecar's.

const { BearerError, rows } = require('./error');

const INTERNAL = 999;

/** RFC 6750 §3: no error where no credentials were sent, `invalid_token` for a token that does not
 * hold, `insufficient_scope` for one that holds and does not suffice. */
function challenge({ code, status, message }) {
  if (code === 'MISSING_TOKEN' || code === 'UNAUTHORIZED') return 'Bearer';
  const scarce = code === 'FORBIDDEN' || code === 'DEVICE_MISMATCH' || code === 'WRONG_TOKEN_KIND';
  if (status !== 401 && !scarce) return undefined;
  return `Bearer error="${scarce ? 'insufficient_scope' : 'invalid_token'}", error_description="${message}"`;
}

function answer(row) {
  const { code, status, message } = row;
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  const asked = challenge(row);
  if (asked !== undefined) headers['www-authenticate'] = asked;
  return Object.freeze({ status, headers: Object.freeze(headers), body: JSON.stringify({ code, message, status }) });
}

const answers = new Map();
for (const [number, row] of rows) if (row.status !== 0) answers.set(number, answer(row));

/** The answer to a refusal; undefined where `error` is none and belongs to the framework. */
function answerTo(error) {
  if (!(error instanceof BearerError)) return undefined;
  return answers.get(error.number) ?? answers.get(INTERNAL);
}

module.exports = { answerTo };

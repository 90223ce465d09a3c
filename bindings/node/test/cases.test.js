'use strict';

// The cases that every language replays.

const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { Verifier } = require('bearerd');

const file = process.env.CASES_JSON ?? path.join(__dirname, '../../../tests/vectors/cases.json');
const { configurations, cases } = JSON.parse(fs.readFileSync(file, 'utf8'));

/** Code and claims of a call. */
function verdict(call) {
  try {
    return { code: 'OK', claims: call() };
  } catch (error) {
    if (error.name !== 'BearerError') throw error;
    return { code: error.code };
  }
}

function revoke(verifier, { handle, subject, token, family, issued_before: issuedBefore, ...rest }) {
  if (handle !== undefined) return verifier.revokeHandle(handle, rest);
  if (family !== undefined) return verifier.revokeFamily(family, rest);
  if (token !== undefined) return verifier.revokeToken(token, rest);
  return verifier.revokeSubject(subject, issuedBefore === undefined ? rest : { issuedBefore, ...rest });
}

function perform(verifier, step) {
  if (step.verify) {
    const { token, ...options } = step.verify;
    return verdict(() => verifier.verify(token, options));
  }
  if (step.authorization) {
    const { value, ...options } = step.authorization;
    return verdict(() => verifier.verifyAuthorization(value, options));
  }
  assert.ok(step.revoke, `a step of a kind that is not known: ${Object.keys(step)}`);
  return verdict(() => revoke(verifier, step.revoke));
}

assert.ok(cases.length > 0);
// Those with state are not read here yet.
for (const { name, configuration, steps } of cases.filter(({ state }) => !state)) {
  test(name, () => {
    assert.ok(configurations[configuration], `no configuration ${configuration}`);
    const verifier = new Verifier(configurations[configuration]);
    for (const [i, step] of steps.entries()) {
      // The second answer comes from the cache.
      for (const time of step.revoke ? ['once'] : ['first', 'second']) {
        const { code, claims } = perform(verifier, step);
        assert.equal(code, step.code, `step ${i}, ${time}`);
        if (step.claims !== undefined) assert.deepEqual(claims, step.claims, `step ${i}, ${time}`);
      }
    }
  });
}

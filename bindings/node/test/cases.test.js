'use strict';

// The cases that every language replays.

const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { Verifier } = require('bearerd');
const { filled, met } = require('./filled');

const file = process.env.CASES_JSON ?? path.join(__dirname, '../../../tests/vectors/cases.json');
const { configurations, cases } = JSON.parse(fs.readFileSync(file, 'utf8'));

/** What is known of the holder beside the claims, in the words of the cases. */
function contextOf(verifier, claims) {
  const [session, permission] = [verifier.session(claims), verifier.permission(claims)];
  if (session === null && permission === null) return null;
  return {
    ...(session && { session: { id: session.sid, attributes: session.attributes, expires_at: session.expiresAt } }),
    ...(permission && { permission: { data_scope: permission.dataScope, bypass: permission.bypass } }),
  };
}

function revoke(verifier, { handle, subject, token, family, issued_before: issuedBefore, ...rest }) {
  if (handle !== undefined) return verifier.revokeHandle(handle, rest);
  if (family !== undefined) return verifier.revokeFamily(family, rest);
  if (token !== undefined) return verifier.revokeToken(token, rest);
  return verifier.revokeSubject(subject, issuedBefore === undefined ? rest : { issuedBefore, ...rest });
}

/** How each verification is asked: what comes second comes from the cache, by whichever way. */
const verifications = {
  verify: (verifier, { token, ...options }) => [() => verifier.verify(token, options), () => verifier.verify(token, options), () => verifier.authenticate(token, options)],
  authorization: (verifier, { value, ...options }) => [
    () => verifier.verifyAuthorization(value, options),
    () => verifier.verifyAuthorization(value, options),
    // Where the profile looks elsewhere than in the header, the two ask different things.
    ...(looksInBearer(verifier, options) ? [() => verifier.authenticateHeaders(['Authorization', value], options)] : []),
  ],
};

function looksInBearer(verifier, { profile }) {
  const { default_profile: byDefault, profiles } = verifier.describe();
  const places = profiles[profile ?? byDefault]?.token_from;
  return places !== undefined && places.every((place) => place === 'bearer');
}

/** Every other step: what it gives is an answer to keep members of, or what counts. */
const acts = {
  revoke,
  sign_in: (verifier, { subject, ...options }) => verifier.signIn(subject, options),
  end_session: (verifier, { sid, subject, ...options }) => (sid === undefined ? verifier.endSessions(subject, options) : verifier.endSession(sid, options)),
  change_session: (verifier, { sid, subject, ...options }) => (sid === undefined ? verifier.changeSessions(subject, options) : verifier.changeSession(sid, options)),
  create_pat: (verifier, { subject, ...options }) => verifier.createPat(subject, options),
  revoke_pat: (verifier, { id, token, subject, ...options }) => {
    if (id !== undefined) return verifier.revokePat(id, options);
    return token === undefined ? verifier.revokePats(subject, options) : verifier.revokePatToken(token, options);
  },
  sign: (verifier, { claims, ...options }) => {
    const { token } = verifier.sign(claims ?? {}, options);
    return { [options.kind]: token };
  },
  rotate: (verifier, { refresh, ...options }) => verifier.rotate(refresh, options),
};

const EXPECTED = ['code', 'claims', 'claims_have', 'context', 'count', 'as'];

/** The one thing that a step is. */
function kindOf(step) {
  const kinds = Object.keys(step).filter((name) => !EXPECTED.includes(name));
  assert.equal(kinds.length, 1, `a step with members that are not known: ${kinds}`);
  assert.ok(kinds[0] in acts || kinds[0] in verifications, `a step of a kind that is not known: ${kinds}`);
  return kinds[0];
}

/** Code and answer of a call. */
async function outcome(call) {
  try {
    return { code: 'OK', answer: await call() };
  } catch (error) {
    if (error.name !== 'BearerError') throw error;
    return { code: error.code };
  }
}

function counted(answer) {
  if (Array.isArray(answer)) return answer.length;
  return typeof answer === 'object' ? Number(answer !== null) : Number(answer);
}

async function perform(verifier, step, kept, where) {
  const kind = kindOf(step);
  const said = filled(step[kind], kept);
  if (kind in verifications) {
    for (const [time, call] of verifications[kind](verifier, said).entries()) {
      const { code, answer } = await outcome(call);
      assert.equal(code, step.code, `${where}, time ${time}`);
      if (step.claims !== undefined) assert.deepEqual(answer, met(filled(step.claims, kept), answer), `${where}, time ${time}`);
      for (const [name, value] of Object.entries(filled(step.claims_have ?? {}, kept))) {
        assert.deepEqual(answer[name], met(value, answer[name]), `${where}, time ${time}: ${name}`);
      }
      if (step.context === undefined) continue;
      const context = contextOf(verifier, answer);
      assert.deepEqual(context, met(filled(step.context, kept), context), `${where}, time ${time}`);
    }
    return;
  }
  const { code, answer } = await outcome(() => acts[kind](verifier, said));
  assert.equal(code, step.code, where);
  if (step.count !== undefined) assert.equal(counted(answer), step.count, where);
  for (const [member, name] of Object.entries(step.as ?? {})) {
    assert.equal(typeof answer[member], 'string', `${where}: ${member}`);
    kept.set(name, answer[member]);
  }
}

let stateful = 0;
for (const { name, configuration, steps, state, ...rest } of cases) {
  assert.deepEqual(Object.keys(rest).filter((member) => !['http', 'why'].includes(member)), [], name);
  stateful += state ? 1 : 0;
  test(name, async () => {
    assert.ok(configurations[configuration], `no configuration ${configuration}`);
    assert.ok(steps.length > 0);
    const verifier = new Verifier(configurations[configuration]);
    const kept = new Map();
    for (const [i, step] of steps.entries()) await perform(verifier, step, kept, `step ${i}`);
  });
}
assert.ok(stateful > 0 && cases.length > stateful, `${cases.length} cases, ${stateful} with state`);

'use strict';

const { answerTo } = require('./answer');
const { Gate, requirements } = require('./gate');

/** Middleware for Express, Connect, and whatever else calls (req, res, next). */
function bearerd(verifier, options) {
  const gate = new Gate(verifier, options);
  const refuse = (error, res, next) => {
    const answer = answerTo(error);
    if (answer === undefined) return next(error);
    res.statusCode = answer.status;
    for (const name of Object.keys(answer.headers)) res.setHeader(name, answer.headers[name]);
    return void res.end(answer.body);
  };
  const now = (prepared) => (req, res, next) => {
    try {
      gate.tell(req, gate.check(req, req, prepared));
    } catch (error) {
      return refuse(error, res, next);
    }
    next();
  };
  // What comes next must not be run inside the promise, which would take its errors for refusals.
  const later = (prepared) => async (req, res, next) => {
    try {
      gate.tell(req, await gate.check(req, req, prepared));
    } catch (error) {
      return refuse(error, res, next);
    }
    process.nextTick(next);
  };
  return requirements(gate, gate.waits ? later : now);
}

module.exports = { bearerd };

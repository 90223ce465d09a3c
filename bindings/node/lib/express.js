'use strict';

const { answerTo } = require('./answer');
const { Gate, requirements } = require('./gate');

/** Middleware for Express, Connect, and whatever else calls (req, res, next). */
function bearerd(verifier, options) {
  const gate = new Gate(verifier, options);
  return requirements(gate, (prepared) => (req, res, next) => {
    try {
      req.user = gate.check(req, req, prepared);
    } catch (error) {
      const answer = answerTo(error);
      if (answer === undefined) return next(error);
      res.statusCode = answer.status;
      for (const name of Object.keys(answer.headers)) res.setHeader(name, answer.headers[name]);
      return void res.end(answer.body);
    }
    next();
  });
}

module.exports = { bearerd };

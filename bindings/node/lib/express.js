'use strict';

const { answerTo } = require('./answer');
const { Gate, requirements } = require('./gate');
const { arrived } = require('./routes');

/** What the router of Express goes by. A mount cuts `req.url`, and the method may have been overridden. */
function asked({ method, url, originalUrl, baseUrl }) {
  if (originalUrl === undefined) return [method, url];
  if (typeof baseUrl !== 'string') {
    throw new Error('requireRoutes() is for Express: Connect takes /admin.x for /admin, so no rule could hold; use verifier.route()');
  }
  return [method, arrived(originalUrl, baseUrl, url)];
}

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
  return requirements(gate, gate.waits ? later : now, asked);
}

module.exports = { bearerd };

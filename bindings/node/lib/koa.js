'use strict';

const { answerTo } = require('./answer');
const { Gate, requirements } = require('./gate');
const { arrived } = require('./routes');

/** koa-mount cuts the URL and says where it is mounted. */
function asked({ method, url, originalUrl, mountPath = '' }) {
  return [method, arrived(originalUrl, mountPath, url)];
}

/** Middleware for Koa. */
function bearerd(verifier, options) {
  const gate = new Gate(verifier, options);
  return requirements(gate, (prepared) => async (ctx, next) => {
    try {
      gate.tell(ctx.state, await gate.check(ctx, ctx.req, prepared));
    } catch (error) {
      const answer = answerTo(error);
      if (answer === undefined) throw error;
      ctx.status = answer.status;
      ctx.set(answer.headers);
      ctx.body = answer.body;
      return;
    }
    await next();
  }, asked);
}

module.exports = { bearerd };

'use strict';

const { answerTo } = require('./answer');
const { Gate, requirements } = require('./gate');

/** What the router has gone by already. */
function asked({ raw: { method, url } }) {
  return [method, url];
}

/** Hooks for Fastify: `onRequest`, or `preHandler`, of the application or of a route. */
function bearerd(verifier, options) {
  const gate = new Gate(verifier, options);
  return requirements(gate, (prepared) => async (request, reply) => {
    try {
      gate.tell(request, await gate.check(request, request.raw, prepared));
    } catch (error) {
      const answer = answerTo(error);
      if (answer === undefined) throw error;
      // Returned, so that Fastify waits for it and runs nothing more.
      return reply.code(answer.status).headers(answer.headers).send(answer.body);
    }
  }, asked);
}

module.exports = { bearerd };

import middleware from './fastify.js';

export const { bearerd } = middleware;

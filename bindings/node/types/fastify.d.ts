import type { IncomingMessage } from 'node:http';
import type { Auth, Claims, Verifier } from './index.js';
import type { MiddlewareOptions, Requirements } from './middleware.js';

declare module 'fastify' {
  interface FastifyRequest {
    user?: Claims;
    auth?: Auth;
  }
}

/** What is used of Fastify's request. */
export interface Request {
  raw: IncomingMessage;
}

/** What is used of Fastify's reply. */
export interface Reply {
  code(status: number): any;
}

export type Hook = (request: Request, reply: Reply) => Promise<unknown>;

/**
 * Hooks for Fastify: `onRequest` or `preHandler`, of the application or of a route. They set
 * `request.user` and `request.auth`.
 *
 * @example
 * const auth = bearerd(verifier);
 * app.get('/orders', { onRequest: auth.requireScopes('read:orders') }, (request) => request.user);
 */
export function bearerd<Req extends Request = Request>(verifier: Verifier, options?: MiddlewareOptions<Req>): Requirements<Hook>;

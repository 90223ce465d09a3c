import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Auth, Claims, Verifier } from './index.js';
import type { MiddlewareOptions, Requirements } from './middleware.js';

declare global {
  namespace Express {
    interface User extends Claims {}
    interface Request {
      user?: User | undefined;
      auth?: Auth | undefined;
    }
  }
}

export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: any) => void) => void;

/**
 * Middleware for Express and Connect. It sets `req.user` and `req.auth`.
 *
 * @example
 * const auth = bearerd(verifier);
 * app.get('/orders', auth.requireScopes('read:orders'), (req, res) => res.json(req.user));
 */
export function bearerd<Request extends IncomingMessage = IncomingMessage>(
  verifier: Verifier,
  options?: MiddlewareOptions<Request>,
): Requirements<Middleware>;

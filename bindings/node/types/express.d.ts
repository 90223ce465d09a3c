import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Claims, Session, Verifier } from './index.js';
import type { MiddlewareOptions, Requirements } from './middleware.js';

declare global {
  namespace Express {
    interface User extends Claims {}
    interface Request {
      user?: User | undefined;
      /** Where the profile has sessions. The session is null for a personal access token */
      auth?: { readonly claims: Claims; readonly session: Session | null } | undefined;
    }
  }
}

export type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: any) => void) => void;

/**
 * Middleware for Express and Connect. It sets `req.user`.
 *
 * @example
 * const auth = bearerd(verifier);
 * app.get('/orders', auth.requireScopes('read:orders'), (req, res) => res.json(req.user));
 */
export function bearerd<Request extends IncomingMessage = IncomingMessage>(
  verifier: Verifier,
  options?: MiddlewareOptions<Request>,
): Requirements<Middleware>;

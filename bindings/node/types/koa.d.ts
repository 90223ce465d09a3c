import type { IncomingMessage } from 'node:http';
import type { Verifier } from './index.js';
import type { MiddlewareOptions, Requirements } from './middleware.js';

/** What is used of Koa's context. */
export interface Context {
  req: IncomingMessage;
  state: any;
  status: number;
  body: unknown;
  set(headers: { [name: string]: string }): void;
}

export type Middleware = (ctx: Context, next: () => Promise<any>) => Promise<void>;

/**
 * Middleware for Koa. It sets `ctx.state.user` and `ctx.state.auth`, an `Auth`.
 *
 * @example
 * const auth = bearerd(verifier);
 * app.use(auth.requireAuth());
 */
export function bearerd<Ctx extends Context = Context>(verifier: Verifier, options?: MiddlewareOptions<Ctx>): Requirements<Middleware>;

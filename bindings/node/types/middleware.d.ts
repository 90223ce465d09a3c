import type { Guard, Rule } from './index.js';

/** Options of the middleware. */
export interface MiddlewareOptions<Request> {
  /** The profile; else by the token's issuer where that is mapped, else the default */
  profile?: string;
  /** An audience in place of the profile's */
  audience?: string;
  /** Where a request says which device it comes from: a header, or a function of the request */
  device?: string | ((request: Request) => string | null | undefined);
}

/**
 * Middleware by what it requires. Each verifies the request's token, so each is safe alone, and
 * sets the claims as the request's user, and beside them session and permission as its auth. Who is refused is answered 401 or 403 with the code.
 */
export interface Requirements<Middleware> {
  /** A token that holds */
  requireAuth(): Middleware;
  /** A guard: its name in the configuration, a rule, or a compiled one */
  requireGuard(guard: string | Rule | Guard): Middleware;
  /**
   * What the `[[routes]]` of the configuration ask of a request's method and target: nothing, a token, or
   * a guard. What they refuse is answered 403 whatever token came. An error where there are none.
   */
  requireRoutes(): Middleware;
  /** One of these roles, by id or name */
  requireRole(...roles: (number | string | readonly (number | string)[])[]): Middleware;
  /** All of these scopes */
  requireScopes(...scopes: (string | readonly string[])[]): Middleware;
  /** One of these scopes */
  requireAnyScope(...scopes: (string | readonly string[])[]): Middleware;
  /** All of these permissions, such as `hr.employee.update`; the profile says where grants are read */
  requirePermission(...permissions: (string | readonly string[])[]): Middleware;
  /** One of these permissions */
  requireAnyPermission(...permissions: (string | readonly string[])[]): Middleware;
  /** The VIP mark */
  requireVip(): Middleware;
  /** Any team, or one of these */
  requireTeam(...teams: (number | string | readonly (number | string)[])[]): Middleware;
  /** The kind of token. `"refresh"` stands alone: `requireAuth()` before it would refuse refresh tokens */
  requireTokenKind(kind: 'access' | 'refresh'): Middleware;
  /** A token of the request's device; the options say where the device is found */
  requireDevice(): Middleware;
}

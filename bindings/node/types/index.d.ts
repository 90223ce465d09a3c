/**
 * Verifies bearer tokens at the speed of a memory lookup, without the holes that cached
 * verification usually has.
 *
 * @example
 * const { Verifier } = require('bearerd');
 * const verifier = Verifier.fromFile('bearerd.toml');
 * const claims = verifier.verify(token, { guard: 'orders' });
 *
 * @packageDocumentation
 */

/** A value that JSON has. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/**
 * The claims of an accepted token, frozen with all that they hold. While the cache keeps a token,
 * every verification of it returns this very object.
 *
 * Integers past 2^53 are rounded, as by `JSON.parse`: issue long ids as strings.
 */
export interface Claims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  /** Seconds since the epoch */
  readonly exp?: number;
  /** Seconds since the epoch */
  readonly nbf?: number;
  /** Seconds since the epoch */
  readonly iat?: number;
  readonly jti?: string;
  // Issuers name their own claims; narrow what you read.
  readonly [name: string]: any;
}

/**
 * A rule over verified claims and the request. All members must hold. A member that names a claim
 * which is absent refuses, inside `not` as well.
 */
export interface Rule {
  /** One of these roles, by id or name */
  roles?: readonly (number | string)[];
  /** All of these scopes */
  scopes?: readonly string[];
  /** One of these scopes */
  any_scope?: readonly string[];
  vip?: boolean;
  /** Any team, or one of these */
  team?: true | readonly (number | string)[];
  /** The kind of token; it takes the place of the profile's own expectation */
  token?: 'access' | 'refresh' | 'pat';
  /** The token's device must be the request's */
  device?: true;
  /** All of these permissions, such as `hr.employee.update`; the profile says where grants are read */
  permission?: string | readonly string[];
  /** One of these permissions */
  any_permission?: readonly string[];
  /** One of these positions, by id or name */
  position?: readonly (number | string)[];
  /** Whether the token's holder manages others */
  subordinates?: boolean;
  /** Whether the token's holder is at the headquarters */
  headquarters?: boolean;
  /** Any project, or one of these */
  project?: true | readonly (number | string)[];
  all?: readonly Rule[];
  any?: readonly Rule[];
  not?: Rule;
}

/** A compiled guard, of {@link Verifier.guard}. */
export class Guard {
  private constructor();
  private readonly compiled;
}

/** Options of one verification. A member that is not listed, or is undefined, is a TypeError; only `device` may be undefined. */
export interface VerifyOptions {
  /** The profile; else by the token's issuer where that is mapped, else the default */
  profile?: string;
  /** A guard: its name in the configuration, a rule, or a compiled one */
  guard?: string | Rule | Guard;
  /** An audience in place of the profile's */
  audience?: string;
  /** The device that the request says it comes from */
  device?: string | null | undefined;
  /** The kind of token; else what the guard names, else access tokens where the profile tells kinds apart */
  kind?: 'access' | 'refresh' | 'pat' | 'any';
}

/** What a route asks for: nothing at all, a token that the profile accepts, or one for which the named guard holds. */
export type Route = { readonly access: 'public' } | { readonly access: 'token' } | { readonly access: 'guard'; readonly guard: string };

/** Options that were read once, of {@link Verifier.options}. */
export class Options {
  private constructor();
  private readonly prepared;
}

/** One row of the table of codes, the same in every language and over HTTP. */
export interface Code {
  /** The stable name, such as `"EXPIRED"` */
  readonly code: string;
  readonly number: number;
  /** The HTTP status; 0 where there is none */
  readonly status: number;
  /** One sentence for the caller */
  readonly message: string;
}

/** Every code by its name. */
export const codes: { readonly [name: string]: Code };

/** The version of the library inside. */
export const version: string;

/**
 * A token was refused, or the library failed. The message is for logs: it names what failed, and
 * holds no token, secret or claim value. To a client, say the code alone.
 */
export class BearerError extends Error {
  private constructor();
  readonly name: 'BearerError';
  /** The stable name, such as `"EXPIRED"` */
  readonly code: string;
  readonly number: number;
  /** The HTTP status to answer with; 0 where the code never reaches HTTP */
  readonly status: number;
}

/** One of {@link Verifier.verifyMany}. */
export type Verdict = { readonly ok: true; readonly claims: Claims } | { readonly ok: false; readonly error: BearerError };

/** Why a token is accepted or refused. It quotes claims: for operators only. */
export interface Explanation {
  readonly code: string;
  readonly status: number;
  readonly profile: string | null;
  readonly reason: string;
  readonly claim?: string;
  readonly expected?: Json;
  readonly actual?: Json;
}

export interface SignOptions {
  /** Access unless said otherwise */
  kind?: 'access' | 'refresh';
  profile?: string;
  /** `"15m"`, a number of seconds, or `"none"`; else the profile's */
  ttl?: string | number;
}

export interface Signed {
  readonly token: string;
  /** Seconds since the epoch; null for a token without `exp` */
  readonly expiresAt: number | null;
}

export interface Pair {
  readonly access: string;
  readonly accessExpiresAt: number | null;
  readonly refresh: string;
  readonly refreshExpiresAt: number | null;
}

export interface RotateOptions {
  profile?: string;
  ttl?: string | number;
  /** Claims to set */
  set?: { readonly [name: string]: Json };
  /** Claims to remove */
  remove?: readonly string[];
}

export interface Rotated extends Pair {
  /** The claims of the new tokens */
  readonly payload: { readonly [name: string]: any };
}

/** A session, frozen with all that it holds. */
export interface Session {
  /** Its name, which its tokens carry */
  readonly sid: string;
  readonly subject: string;
  /** What the session carries. It may change without a new sign-in */
  readonly attributes: { readonly [name: string]: any };
  /** Seconds since the epoch */
  readonly createdAt: number;
  /** Seconds since the epoch */
  readonly renewedAt: number;
  /** Seconds since the epoch: when it ends unless it is renewed */
  readonly expiresAt: number;
}

/** What permissions say of a token's holder beside what they allow, frozen. */
export interface Permission {
  /** Whose data the holder may see; null where the profile has no `data_scope` */
  readonly dataScope: 'all' | 'project' | 'group' | 'self' | null;
  /** Whether the holder's level makes every permission theirs */
  readonly bypass: boolean;
}

/** What the middleware tells a request. */
export interface Auth {
  readonly claims: Claims;
  /** Null where the profile has no sessions, and for a personal access token */
  readonly session: Session | null;
  /** Null where the profile has no permissions, or has them from the session and there is none */
  readonly permission: Permission | null;
}

export interface SignInOptions {
  /** Which tokens are signed; none unless said otherwise */
  kind?: 'none' | 'access' | 'pair';
  profile?: string;
  /** What the session carries */
  attributes?: { readonly [name: string]: Json };
  /** Claims of the tokens, beside subject and session */
  claims?: { readonly [name: string]: Json };
  /** How long the access token lives; else the profile's */
  ttl?: string | number;
  /** How long the session lives without being used; else the profile's */
  lifetime?: string | number;
}

export interface SignedIn {
  readonly sid: string;
  /** Seconds since the epoch: when the session ends unless it is renewed */
  readonly expiresAt: number;
  readonly access?: string;
  readonly accessExpiresAt?: number | null;
  readonly refresh?: string;
  readonly refreshExpiresAt?: number | null;
}

/** What changes of the attributes of a session. */
export interface AttributeChange {
  profile?: string;
  /** Attributes to set */
  set?: { readonly [name: string]: Json };
  /** Attributes to remove */
  remove?: readonly string[];
}

export interface PatOptions {
  profile?: string;
  /** What its owner calls it */
  description?: string;
  scopes?: readonly string[];
  /** Further claims */
  claims?: { readonly [name: string]: Json };
  /** How long it lives, or `"none"`; else as long as the profile allows */
  ttl?: string | number;
}

export interface CreatedPat {
  /** The token. This is the only time that it is shown */
  readonly token: string;
  readonly id: string;
  /** Seconds since the epoch, or null */
  readonly expiresAt: number | null;
}

/** A personal access token as its owner may see it. */
export interface Pat {
  /** The `jti` of its claims, and what it is revoked by */
  readonly id: string;
  readonly subject: string;
  readonly description: string;
  readonly scopes: readonly string[];
  readonly claims: { readonly [name: string]: any };
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly lastUsedFrom: string | null;
}

/** What a verifier was configured to do. */
export interface Description {
  readonly default_profile: string | null;
  readonly slots: number;
  readonly profiles: {
    readonly [name: string]: {
      readonly token_from: readonly string[];
      readonly algorithms: readonly string[];
      readonly signs: boolean;
      readonly rotates: boolean;
      readonly sessions: boolean;
      readonly pats: boolean;
    };
  };
  readonly guards: readonly string[];
}

export interface Stats {
  readonly slots: number;
  readonly hits: number;
  readonly misses: number;
  readonly inserts: number;
  readonly notKept: number;
  readonly evicted: number;
  readonly entries: number;
  readonly bytes: number;
  readonly revocations: number;
}

export interface JsonWebKeySet {
  readonly keys: readonly { readonly [member: string]: Json }[];
}

/**
 * All profiles, keys and guards of one configuration, with the cache of what was verified. Make
 * one for a process and keep it: everything is decided anew on every call, so it never goes stale.
 */
export class Verifier {
  /**
   * @param config one document in the schema of bearerd: TOML or JSON as text, or the same as an object
   * @throws {BearerError} CONFIG_ERROR naming the key that is wrong
   * @throws {TypeError} where the object holds what JSON has not, such as a member that is undefined
   */
  constructor(config: string | { readonly [name: string]: unknown });

  /**
   * From a file, with `BEARERD_*` environment variables on top.
   * @throws {BearerError} CONFIG_ERROR naming file and key
   */
  static fromFile(path: string): Verifier;

  /**
   * From the file that `BEARERD_CONFIG` names, else from `JWT_*` variables.
   * @throws {BearerError} CONFIG_ERROR naming the variable
   */
  static fromEnv(): Verifier;

  /**
   * The verifier that another thread of this process shared: one cache, one set of keys, and a
   * revocation in one thread holds in all of them.
   * @param shared what {@link share} returned there
   */
  static attach(shared: number): Verifier;

  /** A number by which worker threads {@link attach} to this verifier. It then lives as long as the process. */
  share(): number;

  /**
   * The claims of a token that holds.
   *
   * Literal options are read each time; prepare them with {@link options} where that counts. Where a
   * profile has sessions or personal access tokens, this may wait for their store: {@link authenticate}
   * does not hold up the event loop then.
   * @throws {BearerError} with the code, where the token does not hold
   * @throws {TypeError} where `token` is no string, or an option is wrong
   */
  verify(token: string, options?: VerifyOptions | Options): Claims;

  /**
   * As {@link verify}, as a promise: what memory does not know is verified on another thread, which
   * may wait for a store.
   */
  authenticate(token: string, options?: VerifyOptions | Options): Promise<Claims>;

  /** As {@link verifyHeaders}, as a promise. */
  authenticateHeaders(headers: readonly string[], options?: VerifyOptions | Options): Promise<Claims>;

  /**
   * The session of claims, as the last verification of their token found it: attributes change while
   * the claims stay. Never waits; the same object while it says the same. Null where the profile has
   * no sessions, and for a personal access token.
   * @throws {TypeError} where the claims are not this verifier's own object
   */
  session(claims: Claims): Session | null;

  /**
   * What permissions say of the holder of these claims, for the application's own queries. Where they are
   * read from the session, as the last verification of the token found it. Never waits; the same object
   * while it says the same. Null where the profile has no permissions, and where it has them from the
   * session and there is none. Pass the object that a verification gave, and no copy.
   * @throws {TypeError} where there are sessions, and the claims are not this verifier's own object
   */
  permission(claims: Claims): Permission | null;

  /**
   * Opens a session for a user who has signed in, and signs tokens for it.
   * @throws {BearerError} VALIDATION_ERROR naming what is wrong; STORE_UNAVAILABLE
   */
  signIn(subject: string, options?: SignInOptions): Promise<SignedIn>;

  /** A live session, as the store has it. */
  getSession(sid: string, options?: { profile?: string }): Promise<Session | null>;

  /** The live sessions of a user, the oldest first. */
  listSessions(subject: string, options?: { profile?: string }): Promise<Session[]>;

  /** Ends a session; false where there was none. Its tokens are refused from the next call on. */
  endSession(sid: string, options?: { profile?: string }): Promise<boolean>;

  /** Ends all sessions of a user but `except`, a `sid`; gives how many. */
  endSessions(subject: string, options?: { except?: string; profile?: string }): Promise<number>;

  /** Changes the attributes of a session. Tokens that are out come with the new ones; null where it has ended. */
  changeSession(sid: string, options?: AttributeChange): Promise<Session | null>;

  /** Changes the attributes of all sessions of a user. */
  changeSessions(subject: string, options?: AttributeChange): Promise<Session[]>;

  /** Creates a personal access token. */
  createPat(subject: string, options?: PatOptions): Promise<CreatedPat>;

  /** A hundred personal access tokens of a subject; `next`, if not null, is the `after` of the next hundred. */
  listPats(subject: string, options?: { after?: string; profile?: string }): Promise<{ pats: Pat[]; next: string | null }>;

  /** Revokes a personal access token by its id; false where there was none. */
  revokePat(id: string, options?: { profile?: string }): Promise<boolean>;

  /** Revokes a personal access token that is at hand. */
  revokePatToken(token: string, options?: { profile?: string }): Promise<boolean>;

  /** Revokes every personal access token of a subject; gives how many. */
  revokePats(subject: string, options?: { profile?: string }): Promise<number>;

  /** One verdict for each token, in order. */
  verifyMany(tokens: readonly string[], options?: VerifyOptions | Options): Verdict[];

  /**
   * The claims of the token in the value of an Authorization header.
   * @throws {BearerError} MISSING_TOKEN for none, and for another scheme
   */
  verifyAuthorization(value: string | null | undefined, options?: VerifyOptions | Options): Claims;

  /**
   * The claims of the token in a request, from where the profile looks.
   * @param headers names and values in turn, as in `request.rawHeaders`
   * @throws {BearerError} MALFORMED where there are two tokens that differ
   */
  verifyHeaders(headers: readonly string[], options?: VerifyOptions | Options): Claims;

  /** Why a token is accepted or refused. It quotes claims: for operators only. */
  explain(token: string, options?: VerifyOptions | Options): Explanation;

  /** Options read and compiled once, for this verifier. */
  options(options: VerifyOptions): Options;

  /**
   * What the `[[routes]]` of the configuration ask of a request, for frameworks without middleware here,
   * and for upgrades: let a public one pass; of any other find the token and verify it, with the guard that
   * is named.
   * @param method in capitals; undefined where it is not known, which rules that name methods refuse
   * @param target as it came, query and escapes included
   * @throws {BearerError} FORBIDDEN where the request is refused whatever token it brings; VALIDATION_ERROR
   * where the configuration has no routes
   */
  route(method: string | undefined, target: string): Route;

  /**
   * A rule, or a guard that the configuration names, compiled.
   * @throws {BearerError} VALIDATION_ERROR naming the member that is wrong
   */
  guard(rule: string | Rule): Guard;

  /** Signs claims. The profile adds what it is configured to. */
  sign(claims: { readonly [name: string]: unknown }, options?: SignOptions): Signed;

  /** Signs an access and a refresh token over the same claims. */
  signPair(claims: { readonly [name: string]: unknown }, options?: Omit<SignOptions, 'kind'>): Pair;

  /**
   * Spends a refresh token for a new pair.
   * @throws {BearerError} REUSED where it was spent before
   */
  rotate(refresh: string, options?: RotateOptions): Promise<Rotated>;

  /** Revokes a token. When the promise is kept it holds in every thread that shares this verifier. */
  revokeToken(token: string, options?: { profile?: string }): Promise<void>;

  /** Revokes all tokens with this handle: `jti`, or the claim that the profile revokes by. */
  revokeHandle(handle: string, options?: { profile?: string }): Promise<void>;

  /** Revokes all tokens of a refresh family. */
  revokeFamily(family: string, options?: { profile?: string }): Promise<void>;

  /** Revokes what a subject was issued: until now, or before a moment (a Date, or whole seconds). */
  revokeSubject(subject: string, options?: { issuedBefore?: Date | number; profile?: string }): Promise<void>;

  /**
   * Replaces the fixed keys of a profile by a JWK set, all or nothing. Tokens of keys that leave
   * are refused from the next call on, cached or not.
   * @param profile undefined for the default profile
   */
  replaceKeys(profile: string | undefined, jwks: string | JsonWebKeySet): void;

  /** Reads all key files again; one bad file leaves every key as it was. */
  reloadKeys(): void;

  /** The public keys of all profiles. */
  jwks(): JsonWebKeySet;

  /** What is configured. */
  describe(): Description;

  /** Counters of the cache of a profile, or of all together. */
  stats(profile?: string): Stats;
}

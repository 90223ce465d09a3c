// As types.ts, for ES modules.

import { Verifier, type Claims } from 'bearerd';
import { bearerd } from 'bearerd/fastify';

const verifier = new Verifier('');
const claims: Claims = verifier.verify('t', { guard: 'orders' });
const hook = bearerd(verifier).requireAuth();
// @ts-expect-error no default export
import nothing from 'bearerd';
void [claims, hook, nothing];

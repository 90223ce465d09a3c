import bearerd from './index.js';

export const { Verifier, BearerError, Guard, Options, codes, version } = bearerd;

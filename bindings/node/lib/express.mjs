import middleware from './express.js';

export const { bearerd } = middleware;

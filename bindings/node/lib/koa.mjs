import middleware from './koa.js';

export const { bearerd } = middleware;

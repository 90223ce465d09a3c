import test from 'node:test';
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { BearerError, Verifier, codes, version } from 'bearerd';
import { bearerd as express } from 'bearerd/express';
import { bearerd as koa } from 'bearerd/koa';
import { bearerd as fastify } from 'bearerd/fastify';
import support from './support.js';

const require = createRequire(import.meta.url);

test('ESM and CommonJS are one module', () => {
  const common = require('bearerd');
  assert.equal(Verifier, common.Verifier);
  assert.equal(BearerError, common.BearerError);
  assert.equal(codes, common.codes);
  assert.equal(express, require('bearerd/express').bearerd);
  assert.equal(koa, require('bearerd/koa').bearerd);
  assert.equal(fastify, require('bearerd/fastify').bearerd);
  assert.match(version, /^\d+\.\d+\.\d+/);
});

test('a token from ESM', () => {
  const { config, fresh, hs256 } = support;
  assert.equal(new Verifier(config()).verify(hs256(fresh())).sub, 'ada');
});

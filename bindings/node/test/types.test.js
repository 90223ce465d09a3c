'use strict';

const test = require('node:test');
const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { spawnSync } = require('node:child_process');

const compile = (...flags) => spawnSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', path.join(__dirname, 'tsconfig.json'), ...flags], { encoding: 'utf8' });

test('the types of CommonJS and ESM compile, with the frameworks', () => {
  const { status, stdout } = compile('--skipLibCheck');
  assert.equal(status, 0, stdout);
});

test('our own declarations hold without skipLibCheck', () => {
  const ours = compile().stdout.split('\n').filter((line) => /^(\.\.\/)*types\/|bearerd/.test(line));
  assert.deepEqual(ours, []);
});

test('everything that is exported has its types', async () => {
  const bearerd = require('bearerd');
  const types = fs.readFileSync(path.join(__dirname, '../types/index.d.ts'), 'utf8');
  for (const name of Object.keys(bearerd)) assert.match(types, new RegExp(`^export (const|class|function) ${name}\\b`, 'm'));
  const members = [...Object.getOwnPropertyNames(bearerd.Verifier.prototype), ...Object.getOwnPropertyNames(bearerd.Verifier)];
  for (const name of members.filter((name) => !['constructor', 'length', 'name', 'prototype'].includes(name))) {
    assert.match(types, new RegExp(`^  (static )?${name}\\(`, 'm'), name);
  }
  const { bearerd: middleware } = require('bearerd/express');
  const requirements = fs.readFileSync(path.join(__dirname, '../types/middleware.d.ts'), 'utf8');
  const { guarded } = require('./support');
  for (const name of Object.keys(middleware(new bearerd.Verifier(guarded())))) assert.match(requirements, new RegExp(`^  ${name}\\(`, 'm'), name);
});

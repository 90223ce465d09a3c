'use strict';

// Finds the addon: the one that was built from source in this package, else the prebuilt one of
// this platform.

const { existsSync } = require('node:fs');
const path = require('node:path');
const { platform } = require('../scripts/platform');
const { version } = require('../package.json');

function locate() {
  const built = path.join(__dirname, '..', 'build', 'bearerd.node');
  if (existsSync(built)) return built;
  const name = `@bearerd/${platform()}`;
  try {
    return require.resolve(`${name}/bearerd.node`);
  } catch {
    throw new Error(
      `bearerd: there is no addon for ${platform()}. Either the optional dependency ${name}@${version} was left out ` +
        '(install without --omit=optional), or this platform has no prebuilt binary: install libbearerd, set ' +
        'LIBBEARERD_PREFIX to its prefix and run `npm rebuild bearerd`.',
    );
  }
}

function load() {
  const file = locate();
  let native;
  try {
    native = require(file);
  } catch (error) {
    throw new Error(`bearerd: ${file} cannot be loaded: ${error.message}`, { cause: error });
  }
  if (native.bindingVersion !== version) {
    throw new Error(
      `bearerd: ${file} is of version ${native.bindingVersion}, but the package is ${version}. ` +
        'Install both anew (npm install bearerd), or run `npm rebuild bearerd`.',
    );
  }
  return native;
}

module.exports = load();

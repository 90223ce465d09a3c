'use strict';

// Runs when the package is installed. Where a prebuilt binary came along there is nothing to do;
// else the addon is built from source. Nothing is downloaded.

const { existsSync } = require('node:fs');
const path = require('node:path');
const { platform } = require('./platform');

function prebuilt() {
  try {
    return require.resolve(`@bearerd/${platform()}/bearerd.node`);
  } catch {
    return undefined;
  }
}

if (!prebuilt() && !existsSync(path.join(__dirname, '..', 'build', 'bearerd.node'))) {
  try {
    require('./build').build();
  } catch (error) {
    console.error(`bearerd: no prebuilt binary for ${platform()}, and building from source failed: ${error.message}`);
    process.exit(1);
  }
}

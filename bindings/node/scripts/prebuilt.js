'use strict';

// Makes the package of this platform's prebuilt binary, dist/<platform>, from what build.js built.

const { copyFileSync, mkdirSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { build } = require('./build');
const { platform } = require('./platform');

const root = path.join(__dirname, '..');
const { version, license, engines } = require('../package.json');

function prebuilt() {
  const name = platform();
  const folder = path.join(root, 'dist', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  copyFileSync(build(), path.join(folder, 'bearerd.node'));
  copyFileSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
  const description = {
    name: `@bearerd/${name}`,
    version,
    description: `The addon of the package bearerd for ${name}`,
    license,
    engines,
    os: [process.platform],
    cpu: [process.arch],
    ...(process.platform === 'linux' && { libc: [name.endsWith('musl') ? 'musl' : 'glibc'] }),
    main: 'bearerd.node',
    files: ['bearerd.node'],
  };
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(description, null, 2)}\n`);
  writeFileSync(path.join(folder, 'README.md'), `# @bearerd/${name}\n\nThe addon of the package bearerd for ${name}. Install \`bearerd\`, not this.\n`);
  return folder;
}

module.exports = { prebuilt };

if (require.main === module) console.log(path.relative(process.cwd(), prebuilt()));

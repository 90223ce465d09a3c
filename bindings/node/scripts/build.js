'use strict';

// Builds build/bearerd.node from src/ with the C compiler and an installed libbearerd: no
// generator, no download.

const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, readdirSync, renameSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const { version } = require('../package.json');

/** Where the header and the static library are: LIBBEARERD_PREFIX, else what pkg-config knows. */
function library() {
  const prefix = process.env.LIBBEARERD_PREFIX;
  if (prefix) return { include: path.join(prefix, 'include'), archive: path.join(prefix, 'lib', 'libbearerd.a') };
  const ask = (variable) =>
    execFileSync('pkg-config', [`--variable=${variable}`, 'bearerd'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return { include: ask('includedir'), archive: path.join(ask('libdir'), 'libbearerd.a') };
  } catch {
    throw new Error(
      'libbearerd was not found. Install it (make install PREFIX=…) and set LIBBEARERD_PREFIX to that prefix, ' +
        'or have pkg-config find bearerd.pc.',
    );
  }
}

function build() {
  const { include, archive } = library();
  for (const needed of [path.join(include, 'bearerd.h'), archive]) {
    if (!existsSync(needed)) throw new Error(`${needed} is missing; install libbearerd with its header and static library`);
  }
  const out = path.join(root, 'build');
  mkdirSync(out, { recursive: true });
  const sources = readdirSync(path.join(root, 'src'))
    .filter((name) => name.endsWith('.c'))
    .map((name) => path.join(root, 'src', name));
  const linker =
    process.platform === 'darwin'
      ? ['-undefined', 'dynamic_lookup', '-framework', 'Security', '-framework', 'CoreFoundation']
      : [
          // The library inside stays inside, and nobody else's copy of it answers in its place.
          '-Wl,--exclude-libs,ALL',
          '-Wl,-Bsymbolic',
          '-Wl,--gc-sections',
          '-Wl,-z,relro,-z,now',
          // A worker that ends may unload the addon, while the library's threads still run.
          '-Wl,-z,nodelete',
          '-lpthread',
          '-ldl',
          '-lm',
        ];
  // Renamed into place, because a running process may have the old one mapped.
  const target = path.join(out, 'bearerd.node');
  const fresh = `${target}.${process.pid}`;
  execFileSync(
    process.env.CC || 'cc',
    [
      ...['-shared', '-fPIC', '-std=c99', '-O2', '-fvisibility=hidden', '-ffunction-sections', '-s'],
      ...['-Wall', '-Wextra', '-Wpedantic', '-D_FORTIFY_SOURCE=2', '-fstack-protector-strong'],
      `-DBEARERD_NODE_VERSION="${version}"`,
      ...['-I', include, '-I', require('node-api-headers').include_dir],
      ...sources,
      archive,
      ...linker,
      ...['-o', fresh],
    ],
    { stdio: 'inherit' },
  );
  renameSync(fresh, target);
  return target;
}

module.exports = { build, library };

if (require.main === module) {
  try {
    console.log(`built ${path.relative(process.cwd(), build())}`);
  } catch (error) {
    console.error(`bearerd: ${error.message}`);
    process.exit(1);
  }
}

'use strict';

/** Which prebuilt binary fits this machine: "linux-x64-gnu", "linux-arm64-musl", "darwin-arm64", … */
function platform() {
  if (process.platform !== 'linux') return `${process.platform}-${process.arch}`;
  const { glibcVersionRuntime } = process.report.getReport().header;
  return `linux-${process.arch}-${glibcVersionRuntime === undefined ? 'musl' : 'gnu'}`;
}

module.exports = { platform };

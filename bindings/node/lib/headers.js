'use strict';

// Headers of a request as they were sent: `req.headers` hides the second Authorization header, and
// whoever reads it takes one token where a gateway may have read the other.

/** Calls `each(name in lower case, value)` for every header. */
function forEachHeader(req, each) {
  const { rawHeaders, headers } = req;
  if (Array.isArray(rawHeaders) && rawHeaders.length > 0) {
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) each(rawHeaders[i].toLowerCase(), rawHeaders[i + 1]);
    return;
  }
  // A request that never was on a wire.
  for (const name of Object.keys(headers ?? {})) {
    const value = headers[name];
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) each(name.toLowerCase(), String(one));
  }
}

/** [name, value, name, value, …] of the headers in `names`. */
function pick(req, names) {
  const picked = [];
  forEachHeader(req, (name, value) => {
    if (names.has(name)) picked.push(name, value);
  });
  return picked;
}

/** Node reads the bytes of a header as Latin-1; what is meant is UTF-8, or nothing. */
function utf8(latin1) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(latin1, 'latin1'));
  } catch {
    return undefined;
  }
}

/** The one value of a header; undefined where there is none, or two that differ. */
function single(req, name) {
  const values = new Set();
  forEachHeader(req, (sent, value) => {
    if (sent === name) values.add(value);
  });
  return values.size === 1 ? utf8([...values][0]) : undefined;
}

module.exports = { pick, single };

'use strict';

// A client that sends what it is told, byte for byte, over a real socket.

const http = require('node:http');
const net = require('node:net');

/** Sends a request with header lines as [name, value] pairs, target and all as bytes in Latin-1. Resolves
 * to status, headers and body. */
function send(port, method, target, pairs = []) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    const chunks = [];
    const lines = pairs.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    socket.on('error', reject);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => resolve(parse(Buffer.concat(chunks).toString('utf8'))));
    // Not ended: a server of Node's answers no client that has closed its side meanwhile.
    socket.write(Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${lines}\r\n`, 'latin1'));
  });
}

const get = (port, path, pairs) => send(port, 'GET', path, pairs);

function parse(text) {
  const [head, ...rest] = text.split('\r\n\r\n');
  const [status, ...lines] = head.split('\r\n');
  const headers = {};
  for (const line of lines) {
    const [name, value] = line.split(/: (.*)/s);
    headers[name.toLowerCase()] = value;
  }
  let body = rest.join('\r\n\r\n');
  if (headers['transfer-encoding'] === 'chunked') body = body.replace(/^[0-9a-f]+\r\n([\s\S]*?)\r\n0\r\n\r\n$/, '$1');
  return { status: Number(status.split(' ')[1]), headers, body, json: () => JSON.parse(body) };
}

/** Serves for as long as the test lasts. Resolves to the port. */
async function listening(t, handler) {
  const server = typeof handler === 'function' ? http.createServer(handler) : handler;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return server.address().port;
}

module.exports = { get, listening, send };

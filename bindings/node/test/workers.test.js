'use strict';

// Worker threads: each has objects of its own, and gets the right ones, for ten seconds under load.

const test = require('node:test');
const assert = require('node:assert/strict');
const { once } = require('node:events');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const { BearerError, Verifier } = require('bearerd');
const { code, config, fresh, hs256 } = require('./support');

const WORKERS = 4;
const SECONDS = Number(process.env.LOAD_SECONDS ?? 10);
// Fewer places than tokens, so that slots are used again all the time.
const ENTRIES = 512;
const TOKENS = 600;

if (isMainThread) main();
else work(workerData);

function tokensOf(who) {
  return Array.from({ length: TOKENS }, (_, n) => ({ n, header: `Bearer ${hs256(fresh({ who, n, fill: 'x'.repeat(n) }))}` }));
}

/** Verifies for `seconds`, asserting each answer. */
function load({ id, shared, seconds }) {
  const verifiers = [new Verifier(config({ cache: { max_entries: ENTRIES } })), ...(shared === undefined ? [] : [Verifier.attach(shared)])];
  const tokens = tokensOf(id);
  const bad = `${tokens[0].header.slice(7, -4)}AAAA`;
  const end = Date.now() + seconds * 1000;
  let count = 0;
  let heap;
  let half;
  for (let round = 0; Date.now() < end; round++) {
    for (const verifier of verifiers) {
      for (let i = 0; i < TOKENS; i++) {
        // Mostly a few hot tokens, and always some that were evicted.
        const { n, header } = tokens[i % 3 === 0 ? i : (i * 7) % 60];
        const claims = verifier.verify(header.slice(7));
        if (claims.who !== id || claims.n !== n || !Object.isFrozen(claims)) throw new Error(`worker ${id} got the claims of ${claims.who}/${claims.n} for ${n}`);
        count++;
      }
      assert.throws(() => verifier.verify(bad), code('INVALID_SIGNATURE'));
    }
    if (half === undefined && Date.now() > end - seconds * 500) {
      gc();
      half = process.memoryUsage().heapUsed;
    }
  }
  gc();
  heap = process.memoryUsage().heapUsed;
  return { count, grown: heap - half };
}

function work({ task, ...data }) {
  if (task === 'load') parentPort.postMessage(load(data));
  else if (task === 'brief') parentPort.postMessage(new Verifier(config()).verify(hs256(fresh())).sub);
  else if (task === 'revoked') {
    const verifier = Verifier.attach(data.shared);
    parentPort.postMessage(verifier.verify(data.token).sub);
    parentPort.once('message', () => {
      try {
        verifier.verify(data.token);
        parentPort.postMessage('accepted');
      } catch (error) {
        parentPort.postMessage(error instanceof BearerError ? error.code : String(error));
      }
    });
  }
}

function start(data) {
  const worker = new Worker(__filename, { workerData: data });
  const failed = new Promise((_, reject) => worker.once('error', reject));
  const exited = once(worker, 'exit');
  return { worker, exited, answer: () => Promise.race([once(worker, 'message').then(([message]) => message), failed]) };
}

function main() {
  test(`${WORKERS} workers, distinct tokens, right objects, memory flat`, { timeout: (SECONDS + 60) * 1000 }, async (t) => {
    const shared = new Verifier(config({ cache: { max_entries: ENTRIES } }));
    const number = shared.share();
    assert.equal(shared.share(), number);
    const resident = [];
    const sampler = setInterval(() => resident.push(process.memoryUsage().rss), 250);
    t.after(() => clearInterval(sampler));
    const workers = Array.from({ length: WORKERS }, (_, id) => start({ task: 'load', id, shared: number, seconds: SECONDS }));
    const results = await Promise.all(workers.map(({ answer }) => answer()));
    for (const { count, grown } of results) {
      assert.ok(count > 10_000 * Math.min(SECONDS, 5), `${count} verifications`);
      assert.ok(grown < 4 << 20, `a worker's heap grew by ${grown} bytes in its second half`);
    }
    const { hits, evicted } = shared.stats();
    assert.ok(hits > 10_000 && evicted > 1000, `${hits} hits, ${evicted} evicted`);
    const half = resident.slice(resident.length >> 1);
    const early = Math.max(...half.slice(0, half.length >> 1));
    const late = Math.max(...half.slice(half.length >> 1));
    assert.ok(late - early < 32 << 20, `resident memory grew from ${early >> 20} to ${late >> 20} MiB`);
    console.log(`${results.reduce((sum, { count }) => sum + count, 0)} verifications in ${SECONDS} s; resident ${early >> 20}, then ${late >> 20} MiB`);
  });

  test('a revocation in one thread holds in every thread that shares the verifier', async () => {
    const verifier = new Verifier(config());
    const token = hs256(fresh());
    const { worker, answer } = start({ task: 'revoked', shared: verifier.share(), token });
    assert.equal(await answer(), 'ada');
    await verifier.revokeToken(token);
    worker.postMessage('again');
    assert.equal(await answer(), 'REVOKED');
  });

  test('workers come and go', async () => {
    for (let round = 0; round < 8; round++) {
      const workers = Array.from({ length: 4 }, () => start({ task: 'brief' }));
      assert.deepEqual(await Promise.all(workers.map(({ answer }) => answer())), ['ada', 'ada', 'ada', 'ada']);
      await Promise.all(workers.map(({ worker, exited }) => (round % 2 ? worker.terminate() : exited)));
    }
  });

  test('what was never shared cannot be attached to', () => {
    for (const wrong of [undefined, -1, 1.5, '0', {}]) assert.throws(() => Verifier.attach(wrong), TypeError);
    assert.throws(() => Verifier.attach(1000), { name: 'TypeError', message: /no verifier of this process/ });
  });
}

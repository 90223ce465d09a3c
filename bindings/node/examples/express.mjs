// A service with two routes. Run it with `node express.mjs`, and paste what it prints.

import { randomBytes } from 'node:crypto';
import express from 'express';
import { Verifier } from 'bearerd';
import { bearerd } from 'bearerd/express';

const verifier = new Verifier({
  profiles: {
    api: {
      algorithms: ['HS256'],
      keys: [{ secret_base64url: randomBytes(32).toString('base64url') }],
      claims: { role: 'roleId' },
      sign: { access: '15m' },
    },
  },
});

const auth = bearerd(verifier);
const app = express();
app.use(auth.requireAuth());
app.get('/me', (req, res) => res.json(req.user));
app.get('/admin', auth.requireRole(4), (req, res) => res.json({ hello: req.user.sub }));

const server = app.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const { port } = server.address();
  const { token } = verifier.sign({ sub: 'ada', roleId: 1 });
  console.log(`curl -i http://127.0.0.1:${port}/me -H 'Authorization: Bearer ${token}'`);
  console.log(`curl -i http://127.0.0.1:${port}/admin -H 'Authorization: Bearer ${token}'`);
});

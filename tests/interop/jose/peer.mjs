// jose's side: `mint` makes keys and tokens, `verify` judges tokens. JSON in, JSON out.

import { readFileSync } from 'node:fs'
import * as jose from 'jose'

const { version } = JSON.parse(
  readFileSync(new URL('node_modules/jose/package.json', import.meta.url)),
)

async function mint(request) {
  const keys = []
  for (const alg of request.algorithms) keys.push(await mintKey(alg, request.tokens))
  return { version: `${version}, node ${process.versions.node}`, keys }
}

async function mintKey(alg, wanted) {
  const [own, stranger] = [await makeKey(alg), await makeKey(alg)]
  const kid = `jose-${alg}`
  const tokens = {}
  for (const { name, claims, text, kid: withKid, stranger: byStranger } of wanted) {
    const unsigned = text
      ? new jose.CompactSign(new TextEncoder().encode(text))
      : new jose.SignJWT(claims)
    tokens[name] = await unsigned
      .setProtectedHeader(withKid ? { alg, kid, typ: 'JWT' } : { alg })
      .sign((byStranger ? stranger : own).signs)
  }
  return { alg, kid, tokens, ...(await describe(alg, kid, own)) }
}

async function makeKey(alg) {
  if (alg.startsWith('HS')) {
    const secret = await jose.generateSecret(alg, { extractable: true })
    return { signs: secret, verifies: secret }
  }
  const { privateKey, publicKey } = await jose.generateKeyPair(alg, { extractable: true })
  return { signs: privateKey, verifies: publicKey }
}

// What a verifier is given: the JWK as jose writes it, and SPKI PEM or the secret.
async function describe(alg, kid, { verifies }) {
  const jwk = { ...(await jose.exportJWK(verifies)), kid, alg, use: 'sig' }
  if (jwk.kty === 'oct') return { jwk, secret: jwk.k }
  return { jwk, pem: await jose.exportSPKI(verifies) }
}

async function verify({ issuer, audience, keys }) {
  const results = []
  for (const key of keys) {
    for (const [form, material] of await materials(key)) {
      for (const [name, token] of Object.entries(key.tokens)) {
        const verdict = await judge(token, material, { issuer, audience, algorithms: [key.alg] })
        results.push({ alg: key.alg, kid: key.kid, form, name, ...verdict })
      }
    }
  }
  return results
}

async function materials({ alg, jwk, pem, private_pem: privatePem, secret }) {
  const forms = [['jwk', await jose.importJWK(jwk, alg)]]
  if (pem) forms.push(['pem', await jose.importSPKI(pem, alg)])
  if (privatePem) forms.push(['private pem', await publicHalf(privatePem, alg)])
  if (secret) forms.push(['secret', jose.base64url.decode(secret)])
  return forms
}

async function publicHalf(pem, alg) {
  const own = await jose.exportJWK(await jose.importPKCS8(pem, alg, { extractable: true }))
  const { kty, crv, x, y, n, e } = own
  return jose.importJWK({ kty, crv, x, y, n, e }, alg)
}

async function judge(token, material, rules) {
  try {
    const { payload } = await jose.jwtVerify(token, material, {
      ...rules,
      requiredClaims: ['exp', 'iat'],
    })
    return { code: 'OK', claims: payload }
  } catch (error) {
    if (!(error instanceof jose.errors.JOSEError)) throw error
    return { code: CODES[error.code] ?? 'OTHER', detail: `${error.code}: ${error.message}` }
  }
}

const CODES = {
  ERR_JWT_EXPIRED: 'EXPIRED',
  ERR_JWT_CLAIM_VALIDATION_FAILED: 'INVALID_CLAIM',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'INVALID_SIGNATURE',
}

const input = JSON.parse(readFileSync(0, 'utf8'))
const answer = await { mint, verify }[process.argv[2]](input)
process.stdout.write(JSON.stringify(answer))

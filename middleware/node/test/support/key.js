// A device's key and its DPoP proofs (RFC 9449 section 4.2).

import { createHash, randomUUID, webcrypto } from 'node:crypto'

const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export async function makeKey() {
  const { privateKey, publicKey } = await webcrypto.subtle.generateKey(ES256, false, ['sign', 'verify'])
  const { kty, crv, x, y } = await webcrypto.subtle.exportKey('jwk', publicKey)
  return { privateKey, jwk: { kty, crv, x, y } }
}

export async function makeProof({ privateKey, jwk }, { method, url, token, nonce, ageSeconds = 0 }) {
  const claims = { jti: randomUUID(), htm: method, htu: url, iat: Math.floor(Date.now() / 1000) - ageSeconds }
  if (token) claims.ath = createHash('sha256').update(token).digest('base64url')
  if (nonce) claims.nonce = nonce
  const text = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk })}.${encode(claims)}`
  const signature = await webcrypto.subtle.sign(ES256, privateKey, Buffer.from(text))
  return `${text}.${Buffer.from(signature).toString('base64url')}`
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

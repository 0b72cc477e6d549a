// A device that uses the npm library dpop. Reads one JSON request a line, answers each with a line.
import { calculateThumbprint, generateKeyPair, generateProof } from 'dpop'
import { createInterface } from 'node:readline'
import { webcrypto } from 'node:crypto'

// Node 18 has these behind a flag.
globalThis.crypto ??= webcrypto
globalThis.CryptoKey ??= webcrypto.CryptoKey

const keys = new Map()

const actions = {
  async key({ key, alg }) {
    const pair = await generateKeyPair(alg)
    keys.set(key, pair)
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
    return { jkt: await calculateThumbprint(pair.publicKey), jwk: { kty, crv, x, y } }
  },

  async proof({ key, method, url, nonce, token }) {
    return { proof: await generateProof(keys.get(key), url, method, nonce, token) }
  },

  // Signs any text with an ES256 key, for proofs that the library would not make.
  async sign({ key, input }) {
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
    const text = new TextEncoder().encode(input)
    const signature = await crypto.subtle.sign(algorithm, keys.get(key).privateKey, text)
    return { signature: Buffer.from(signature).toString('base64url') }
  },

  // Makes a request, once more with a nonce when one is asked for (RFC 9449 section 9).
  async call({ key, method, url, token }) {
    const answers = []
    for (let nonce; ;) {
      const proof = await generateProof(keys.get(key), url, method, nonce, token)
      const headers = { authorization: `DPoP ${token}`, dpop: proof }
      const response = await fetch(url, { method, headers })
      answers.push({ status: response.status, body: await response.json() })
      const challenge = response.headers.get('www-authenticate') ?? ''
      const asked = challenge.startsWith('DPoP ') && challenge.includes('error="use_dpop_nonce"')
      if (nonce || response.status !== 401 || !asked) return { answers }
      nonce = response.headers.get('dpop-nonce')
    }
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  console.log(JSON.stringify(await actions[request.do](request)))
}

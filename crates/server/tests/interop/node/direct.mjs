// A device that uses the npm library oauth4webapi from discovery to revocation. Reads one JSON
// request a line, answers each with a line.
import * as oauth from 'oauth4webapi'
import { createInterface } from 'node:readline'
import { webcrypto } from 'node:crypto'

// Node 18 has these behind a flag.
globalThis.crypto ??= webcrypto
globalThis.CryptoKey ??= webcrypto.CryptoKey

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token'
const loopback = { [oauth.allowInsecureRequests]: true }

// Once more with the nonce that is asked for (RFC 9449 section 8).
async function withNonce(attempts, send) {
  try {
    attempts.count += 1
    return await send()
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    attempts.count += 1
    return await send()
  }
}

async function journey({ issuer, client_id, id_token, device, resource, introspection, key_id, api_key }) {
  const url = new URL(issuer)
  const discovered = await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...loopback })
  const as = await oauth.processDiscoveryResponse(url, discovered)
  const client = { client_id }
  const keys = await oauth.generateKeyPair('ES256')
  const options = { DPoP: oauth.DPoP(client, keys), ...loopback }
  const attempts = { count: 0 }

  const form = { subject_token: id_token, subject_token_type: ID_TOKEN, device: JSON.stringify(device) }
  const exchanged = await withNonce(attempts, async () => {
    const response = await oauth.genericTokenEndpointRequest(as, client, oauth.None(), EXCHANGE, form, options)
    return oauth.processGenericTokenEndpointResponse(as, client, response)
  })
  const refreshed = await withNonce(attempts, async () => {
    const { refresh_token } = exchanged
    const response = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), refresh_token, options)
    return oauth.processRefreshTokenResponse(as, client, response)
  })
  const devices = await withNonce(attempts, async () => {
    const { access_token } = refreshed
    return oauth.protectedResourceRequest(access_token, 'GET', new URL(resource), undefined, undefined, options)
  })

  const backend = { client_id: key_id }
  const inside = { ...as, introspection_endpoint: introspection }
  const introspect = async () => {
    const secret = oauth.ClientSecretBasic(api_key)
    const response = await oauth.introspectionRequest(inside, backend, secret, refreshed.access_token, loopback)
    return oauth.processIntrospectionResponse(inside, backend, response)
  }
  const before = await introspect()
  const revoked = await oauth.revocationRequest(as, client, oauth.None(), refreshed.refresh_token, loopback)
  await oauth.processRevocationResponse(revoked)
  return {
    exchanged, refreshed, devices: await devices.json(), before, after: await introspect(),
    attempts: attempts.count,
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await journey(JSON.parse(line))))
}

// The devices, sessions and tokens that the cases speak of.

import { createHash, randomUUID } from 'node:crypto'
import { makeKey, makeProof } from './key.js'

const HOUR_MS = 3_600_000

/** Registers a client, a device per kind of token, and takes a nonce. */
export async function setScene(server, publicUrl) {
  const client = await must(server.api('POST', '/v1/clients', {
    name: 'conformance', platform: 'web', audience: publicUrl, origins: [publicUrl],
    proof_of_possession: 'optional', nonce_policy: 'always',
    // One device tries more bad proofs than one may.
    admission: { bad_proofs: { limit: 0 } },
  }))
  const scene = { server, clientId: client.client_id, publicUrl }
  const firstTry = await login(scene, await makeKey(), undefined)
  scene.nonce = firstTry.body.dpop_nonce
  const withoutVerify = await must(server.api('POST', '/v1/api-keys', { name: 'narrow', scopes: ['devices:read'] }))
  const { bound, unbound, expired, logged_out } = {
    bound: await keyed(scene, 'alice'),
    unbound: { session: await must(login(scene, undefined, undefined, 'bob')), scheme: 'Bearer' },
    expired: await adopted(scene, 'carol'),
    logged_out: await keyed(scene, 'dave'),
  }
  const { device_id } = logged_out.session
  await must(server.api('POST', `/v1/users/dave/devices/${device_id}/logout`))
  for (const one of [bound, unbound, logged_out]) one.token = one.session.access_token
  return {
    ...scene,
    devices: { bound, unbound, expired, logged_out, other: { key: await makeKey() } },
    apiKeys: { without_verify: withoutVerify.secret, unknown: 'csak_unknown' },
  }
}

/** A login with a proof by `key`, or without one. */
export async function login({ server, clientId, publicUrl }, key, nonce, userId = 'alice', tokens) {
  const url = `${publicUrl}/login`
  return server.api('POST', '/v1/sessions', {
    event: 'login', client_id: clientId, user_id: userId, amr: ['pwd'], tokens,
    device: { installation_id: randomUUID(), app_version: '1.2.3' },
    proof: key && { jwt: await makeProof(key, { method: 'POST', url, nonce }), htm: 'POST', htu: url },
  })
}

async function keyed(scene, userId) {
  const key = await makeKey()
  return { key, scheme: 'DPoP', session: await must(login(scene, key, scene.nonce, userId)) }
}

/** A token of the app's own whose time is over already: nobody has to wait for it. */
async function adopted(scene, userId) {
  const token = `own-${randomUUID()}`
  const sha256 = createHash('sha256').update(token).digest('hex')
  const expires_at = new Date(Date.now() - HOUR_MS).toISOString()
  const session = await must(login(scene, undefined, undefined, userId, { access: { sha256, expires_at } }))
  return { session, scheme: 'Bearer', token }
}

async function must(answering) {
  const { status, body } = await answering
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body
}

// A login and a refresh through the app's own backend, in every framework, against a real service.

import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { countersign } from '../src/index.js'
import { frameworks } from './support/apps.js'
import { makeKey, makeProof } from './support/key.js'
import { send } from './support/request.js'
import { setScene } from './support/scene.js'
import { startServer } from './support/server.js'
import { startStub } from './support/stub.js'

const publicUrl = 'https://api.shop.example'

for (const [name, start] of Object.entries(frameworks)) {
  describe(name, () => {
    let scene, up, down, wrongKey
    const stops = []

    before(async () => {
      const server = await startServer()
      stops.push(server.stop)
      scene = await setScene(server, publicUrl)
      up = await app(server.url, server.apiKey)
      down = await app((await startStub({ server: 'none' })).url, server.apiKey)
      wrongKey = await app(server.url, scene.apiKeys.unknown)
    })
    after(async () => {
      for (const stop of stops.reverse()) await stop()
    })

    async function app(url, apiKey) {
      const gate = countersign({ url, apiKey, publicUrl, log: () => {} })
      const { port, stop } = await start(gate, { '/device': {} }, scene.clientId)
      stops.push(() => gate.close(), stop)
      return port
    }

    async function post(port, path, key, body, { nonce = scene.nonce, url = publicUrl + path, times = 1, headers = [] } = {}) {
      const proof = await makeProof(key, { method: 'POST', url, nonce })
      const list = [...headers, ...Array(times).fill(['DPoP', proof]).flat()]
      return { proof, ...(await send(port, { method: 'POST', target: path, headers: list, body: JSON.stringify(body) })) }
    }

    const credentials = (device = { installation_id: randomUUID() }) => ({ email: 'erin', password: 'x', device })

    test('a login is answered with its session, and a refresh with the next tokens', async () => {
      const [key, device] = [await makeKey(), { installation_id: randomUUID() }]
      const spoofed = ['X-Forwarded-For', '203.0.113.9', 'User-Agent', 'Shop/1.0']
      const login = await post(up, '/login', key, credentials(device), { headers: spoofed })
      assert.equal(login.status, 201)
      assert.match(login.headers['content-type'], /^application\/json/)
      assert.equal(login.headers['cache-control'], 'no-store')
      assert.equal(login.headers['dpop-nonce'], login.body.dpop_nonce)
      assert.equal(login.body.token_type, 'DPoP')
      assert.equal(login.body.user_id, 'erin')
      await bound(key, login.body)

      const { refresh_token, user_id } = login.body
      const refreshed = await post(up, '/refresh', key, { refresh_token, user_id, device })
      assert.equal(refreshed.status, 200)
      assert.equal(refreshed.body.session_id, login.body.session_id)
      assert.notEqual(refreshed.body.refresh_token, refresh_token)
      await bound(key, refreshed.body)

      const { body } = await scene.server.api('GET', '/v1/users/erin/devices')
      const { last_seen } = body.data.find(({ device_id }) => device_id === login.body.device_id)
      assert.equal(last_seen.ip, '127.0.0.1')
    })

    async function bound(key, { access_token, device_id }) {
      const proof = await makeProof(key, { method: 'GET', url: `${publicUrl}/device`, token: access_token, nonce: scene.nonce })
      const headers = ['Authorization', `DPoP ${access_token}`, 'DPoP', proof]
      const answer = await send(up, { target: '/device', headers })
      assert.equal(answer.body.device?.device_id, device_id)
    }

    function refused(answer, status, code, challenge, { nonce = true } = {}) {
      assert.deepEqual([answer.status, answer.body.code, answer.body.status], [status, code, status])
      assert.match(answer.headers['content-type'], /^application\/problem\+json/)
      assert.match(answer.headers['www-authenticate'] ?? '', challenge)
      assert.equal('dpop-nonce' in answer.headers, nonce)
    }

    test('a nonce that the service demands is handed on', async () => {
      const answer = await post(up, '/login', await makeKey(), credentials(), { nonce: null })
      refused(answer, 401, 'use_dpop_nonce', /^DPoP error="use_dpop_nonce"/)
      const again = await post(up, '/login', await makeKey(), credentials(), { nonce: answer.headers['dpop-nonce'] })
      assert.equal(again.status, 201)
    })

    test('a proof for the Host that came is refused', async () => {
      const lie = { url: 'http://evil.example/login', headers: ['Host', 'evil.example'] }
      const answer = await post(up, '/login', await makeKey(), credentials(), lie)
      refused(answer, 401, 'proof_mismatch', /^DPoP error="invalid_dpop_proof"/)
    })

    test('two proofs are refused', async () => {
      const answer = await post(up, '/login', await makeKey(), credentials(), { times: 2 })
      refused(answer, 401, 'proof_invalid', /^DPoP error="invalid_dpop_proof"/, { nonce: false })
    })

    test('a made-up refresh token is refused', async () => {
      const body = { refresh_token: 'csrt_x', user_id: 'erin', device: { installation_id: randomUUID() } }
      refused(await post(up, '/refresh', await makeKey(), body), 401, 'refresh_invalid', /^DPoP error="invalid_token"/)
    })

    test('what is wrong with a device report is said', async () => {
      const answer = await post(up, '/login', await makeKey(), credentials({ installation_id: 'x' }))
      refused(answer, 400, 'invalid_request', /^$/, { nonce: false })
    })

    test('a service that is down, or refuses the API key, is not the device’s fault', async () => {
      for (const port of [down, wrongKey]) {
        const answer = await post(port, '/login', await makeKey(), credentials())
        refused(answer, 503, 'unavailable', /^$/, { nonce: false })
        assert.equal(answer.headers['retry-after'], '1')
      }
    })
  })
}

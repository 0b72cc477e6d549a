// Every case of ../conformance/cases.json, in every framework, against a real service.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { countersign } from '../src/index.js'
import { frameworks } from './support/apps.js'
import { makeProof } from './support/key.js'
import { send } from './support/request.js'
import { setScene } from './support/scene.js'
import { startServer } from './support/server.js'
import { startStub } from './support/stub.js'

const table = JSON.parse(await readFile(new URL('../../conformance/cases.json', import.meta.url)))

for (const [name, start] of Object.entries(frameworks)) {
  describe(name, () => {
    let scene
    const apps = {}
    const stops = []

    before(async () => {
      const server = await startServer()
      stops.push(server.stop)
      scene = await setScene(server, table.public_url)
      for (const [service, row] of Object.entries(table.services)) apps[service] = await startApp(row)
    })
    after(async () => {
      for (const stop of stops.reverse()) await stop()
    })

    /** The app, with a service as the row says. */
    async function startApp(row) {
      let { url, apiKey } = scene.server
      if (row.api_key) apiKey = scene.apiKeys[row.api_key]
      if (row.server !== 'countersign') {
        const stub = await startStub(row, url)
        stops.push(stub.stop)
        url = stub.url
      }
      const logged = []
      const log = (message, fields) => logged.push(JSON.stringify({ message, ...fields }))
      const gate = countersign({ url, apiKey, publicUrl: table.public_url, log })
      const app = await start(gate, table.routes, scene.clientId)
      stops.push(() => gate.close(), app.stop)
      return { ...app, logged, apiKey }
    }

    for (const row of table.cases) {
      test(row.name, async () => {
        const app = apps[row.service ?? 'up']
        const request = await requestOf(row, scene)
        if (row.proof?.replayed) assert.equal((await send(app.port, request)).status, 200)
        const began = Date.now()
        const answer = await send(app.port, request)
        check(row, answer, scene, Date.now() - began)
        checkLog(row, app, request)
      })
    }
  })
}

async function requestOf({ request = {}, token, authorization, proof, headers = {} }, scene) {
  const { method = 'GET', target = '/device' } = request
  const { scheme, token: text, key = scene.devices.other.key } = scene.devices[token] ?? {}
  const list = Object.entries(headers).flat()
  for (const value of authorization ?? (token ? [`${scheme} {token}`] : [])) {
    list.push('Authorization', filled(value).replace('{token}', text))
  }
  if (proof) {
    const jwt = proof.text ? filled(proof.text) : await proofOf(proof, { method, target, key, token: text }, scene)
    for (let times = proof.times ?? 1; times > 0; times -= 1) list.push('DPoP', jwt)
  }
  return { method, target, headers: list }
}

function proofOf(proof, { method, target, key, token }, scene) {
  return makeProof(proof.key === 'other' ? scene.devices.other.key : key, {
    method: proof.method ?? method,
    url: proof.url ?? table.public_url + target.split('?')[0],
    token: proof.token === 'other' ? 'another' : token,
    nonce: proof.nonce === false ? undefined : scene.nonce,
    ageSeconds: proof.age_seconds,
  })
}

function filled(text) {
  return text.replace('{8193 bytes}', 'a'.repeat(8193))
}

function check({ token, expect }, { status, headers, body }, scene, tookMs) {
  const expected = { ...table.refusals[expect.refusal], ...expect }
  assert.deepEqual(
    { status, code: body.code, nonce: 'dpop-nonce' in headers, retry: 'retry-after' in headers },
    { status: expected.status ?? 200, code: expected.code, nonce: expected.dpop_nonce ?? false, retry: expected.retry_after ?? false },
  )
  assert.ok(tookMs < (expected.within_ms ?? 5000), `${tookMs} ms`)
  if (status === 200) return checkDevice(body.device, expected.device, scene.devices[token]?.session)
  assert.match(headers['content-type'], /^application\/problem\+json/)
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(body.status, status)
  assert.equal(body.type, `https://countersign.dev/problems/${body.code}`)
  if (expected.www_authenticate) assert.equal(headers['www-authenticate'], expected.www_authenticate)
  assert.equal('www-authenticate' in headers, status === 401)
  // The service's own title, wherever it says it.
  if (status === 401) assert.ok(headers['www-authenticate'].includes(`error_description="${body.title}"`), body.title)
}

function checkDevice(device, expected, session) {
  if (expected === null) return assert.equal(device, null)
  assert.deepEqual(Object.keys(device).sort(), [...table.device_fields].sort())
  const known = { device_id: session.device_id, session_id: session.session_id, user_id: session.user_id, app_id: session.app_id }
  const facts = { ...known, app_version: '1.2.3', amr: ['pwd'], platform: 'web', ...expected }
  for (const [name, value] of Object.entries(facts)) assert.deepEqual(device[name], value, name)
  return undefined
}

/** The cause is logged where nobody could judge, and holds nothing secret. */
function checkLog({ expect }, { logged, apiKey }, { headers }) {
  const lines = logged.splice(0)
  assert.equal(lines.length, expect.refusal === 'unavailable' ? 1 : 0, lines.join())
  const secrets = headers.filter((value, at) => at % 2 === 1 && value.length > 40)
  for (const secret of [apiKey, ...secrets]) {
    for (const line of lines) assert.ok(!line.includes(secret.replace(/^\S+ /, '')), 'a secret was logged')
  }
}

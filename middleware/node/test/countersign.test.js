// What needs no service: options, addresses, paths, printing, connections.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { device } from '../src/express.js'
import { countersign } from '../src/index.js'
import { refusal } from '../src/refusal.js'
import { startStub } from './support/stub.js'

const apiKey = 'csak_secret'
const options = { url: 'http://127.0.0.1:1', apiKey, publicUrl: 'https://api.example/v2/', log: () => {} }
const YES = {
  allowed: true, session_id: 'ses_x', user_id: '42', client_id: 'cli_x', device_id: 'dev_x', app_id: 'app_x',
  trust: 'trusted', compliance: 'unevaluated', platform: 'web', amr: [], key_bound: true,
  expires_at: '2100-01-01T00:00:00Z',
}

/** A request as Node gives it. */
function request({ method = 'GET', url = '/x', headers = {}, from = '192.0.2.7', ...rest }) {
  return { method, url, rawHeaders: Object.entries(headers).flat(), socket: { remoteAddress: from }, ...rest }
}

/** A service that says yes, and what it was asked. */
async function fake(t, listenOn = { port: 0, host: '127.0.0.1' }, answer = YES) {
  const asked = []
  const server = http.createServer(async (req, res) => {
    const text = Buffer.concat(await req.toArray()).toString()
    asked.push({ ...JSON.parse(text), path: req.url, authorization: req.headers.authorization, socket: req.socket })
    res.end(JSON.stringify(answer))
  })
  server.listen(listenOn)
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, url: `http://127.0.0.1:${server.address().port}` }
}

const presented = { authorization: 'DPoP token', dpop: 'proof' }

test('the URL is the public one with the path as it was sent', async (t) => {
  const { asked, url } = await fake(t)
  const gate = countersign({ ...options, url })
  for (const [sent, path] of [
    [{ url: '/a/b?c=d#e' }, '/a/b'],
    [{ url: '/rest', originalUrl: '/mounted/rest?x' }, '/mounted/rest'],
    [{ url: 'http://evil.example/a?b' }, '/a'],
    [{ url: 'http://evil.example' }, '/'],
    [{ url: '//evil.example/a' }, '//evil.example/a'],
    [{ url: '*', method: 'OPTIONS' }, '/'],
    [{ url: '/a%2Fb/%C3%BC' }, '/a%2Fb/%C3%BC'],
  ]) {
    const verdict = await gate.verify(request({ ...sent, headers: presented }))
    assert.equal(verdict.allowed, true)
    const { url, method, token, scheme, proof } = asked.pop()
    assert.deepEqual([url, method], [`https://api.example/v2${path}`, sent.method ?? 'GET'])
    assert.deepEqual([token, scheme, proof], ['token', 'DPoP', 'proof'])
  }
})

test('the address is the socket’s, or what the first of so many proxies saw', async (t) => {
  const { asked, url } = await fake(t)
  const forwarded = { authorization: 'Bearer token', 'X-Forwarded-For': '198.51.100.1, 203.0.113.5, 10.0.0.2' }
  for (const [trustProxy, from, address] of [
    [0, '192.0.2.7', '192.0.2.7'],
    [0, '::ffff:192.0.2.7', '192.0.2.7'],
    [0, 'fe80::1%eth0', 'fe80::1'],
    [0, undefined, undefined],
    [1, '10.0.0.1', '10.0.0.2'],
    [2, '10.0.0.1', '203.0.113.5'],
    [9, '10.0.0.1', '198.51.100.1'],
  ]) {
    const gate = countersign({ ...options, url, trustProxy })
    await gate.verify({ ...request({ headers: forwarded }), socket: { remoteAddress: from } })
    assert.equal(asked.pop().client_ip, address, `${trustProxy} ${from}`)
  }
  const gate = countersign({ ...options, url, trustProxy: 1 })
  await gate.verify(request({ headers: { authorization: 'Bearer token', 'x-forwarded-for': 'nonsense' } }))
  assert.equal(asked.pop().client_ip, '192.0.2.7')
})

test('demands are sent, and held against the answer when the same request comes again', async (t) => {
  const { asked, url } = await fake(t)
  const gate = countersign({ ...options, url })
  const one = request({ headers: presented })
  await gate.verify(one, { minTrust: 'trusted', requireCompliant: true, requireKey: true })
  const { min_trust, require_compliant, require_key } = asked[0]
  assert.deepEqual([min_trust, require_compliant, require_key], ['trusted', true, true])
  const codes = []
  for (const demands of [{ minTrust: 'corporate' }, { requireCompliant: true }, { requireKey: true }, {}]) {
    const verdict = await gate.verify(one, demands)
    codes.push(verdict.allowed || `${verdict.status} ${verdict.body.code}`)
  }
  assert.deepEqual(codes, ['403 insufficient_trust', '403 not_compliant', true, true])
  assert.equal(asked.length, 1)
  // Another request is another question: a yes is never kept.
  await gate.verify(request({ headers: presented }))
  assert.equal(asked.length, 2)
})

test('connections are kept, and one that has gone is replaced within the request', async (t) => {
  const { asked, url } = await fake(t)
  const gate = countersign({ ...options, url })
  await gate.verify(request({ headers: presented }))
  await gate.verify(request({ headers: presented }))
  assert.equal(asked[0].socket, asked[1].socket)
  // Closed by the service just as the next question is on its way.
  asked[1].socket.resetAndDestroy()
  const verdict = await gate.verify(request({ headers: presented }))
  assert.equal(verdict.allowed, true)
  assert.notEqual(asked[2].socket, asked[1].socket)
  gate.close()
})

test('an answer without end is not read to the end', async (t) => {
  const stub = await startStub({ server: 'stub', sends: 'HTTP/1.1 200 OK\r\n\r\n', then: 'flood' })
  t.after(stub.stop)
  const causes = []
  const log = (_, { cause }) => causes.push(cause)
  const verdict = await countersign({ ...options, url: stub.url, log }).verify(request({ headers: presented }))
  assert.equal(verdict.status, 503)
  assert.deepEqual(causes, ['the answer is too long'])
})

test('the service may be a unix socket', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'))
  t.after(() => rm(folder, { recursive: true }))
  const path = join(folder, 'sidecar.sock')
  const { asked } = await fake(t, { path })
  const verdict = await countersign({ ...options, url: `unix:${path}` }).verify(request({ headers: presented }))
  assert.equal(verdict.allowed, true)
  assert.deepEqual([asked[0].path, asked[0].authorization], ['/v1/verify', `Bearer ${apiKey}`])
})

test('an answer without a session is none', async (t) => {
  const { url } = await fake(t, undefined, { token_type: 'DPoP' })
  const relaying = countersign({ ...options, url }).relayLogin(request({}), { clientId: 'cli_x', userId: 1, device: {} })
  await assert.rejects(relaying, { name: 'RelayError', status: 503 })
})

test('nobody is logged in by the name of undefined', async () => {
  const relaying = countersign(options).relayLogin(request({}), { clientId: 'cli_x', device: {} })
  await assert.rejects(relaying, TypeError)
})

test('every code that the service documents for a refusal has its title here', async () => {
  const text = await readFile(new URL('../../../docs/openapi.json', import.meta.url))
  const codes = JSON.parse(text).components.schemas.Refusal.enum
  const untitled = codes.filter((code) => refusal(code, 401).body.title === code.replaceAll('_', ' '))
  assert.ok(codes.length > 20)
  assert.deepEqual(untitled, [])
})

test('no secret is printed', () => {
  const gate = countersign(options)
  const printed = inspect(gate, { depth: 9, showHidden: true }) + JSON.stringify(gate)
  assert.ok(!printed.includes(apiKey))
})

test('options that cannot be right are refused, without showing them', () => {
  for (const [name, value] of Object.entries({
    url: 'ftp://x', apiKey: 'secret with space', publicUrl: 'https://x?secret', timeoutMs: 0, relayTimeoutMs: -1,
    trustProxy: true, log: 'x', publicUlr: 'https://x',
  })) {
    const shown = (error) => error instanceof TypeError && !error.message.includes('secret')
    assert.throws(() => countersign({ ...options, [name]: value }), shown, name)
  }
  assert.throws(() => countersign({ ...options, url: 'https://user:secret@host' }), TypeError)
  assert.throws(() => countersign({ ...options, publicUrl: undefined }), TypeError)
})

test('a misspelt demand is not no demand', async () => {
  const gate = countersign(options)
  for (const demands of [{ requireKeys: true }, { min_trust: 'trusted' }, { minTrust: 'high' }, { requireKey: 'no' }, { required: 0 }]) {
    assert.throws(() => device(gate, demands), TypeError)
    await assert.rejects(gate.verify(request({}), demands), TypeError)
  }
})

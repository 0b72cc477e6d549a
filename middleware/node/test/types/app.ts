// What an app writes, as its compiler sees it; `npm run types` checks it.

import express from 'express'
import Fastify from 'fastify'
import { countersign, RelayError, type Device } from '@countersign/node'
import { device, sendRelay } from '@countersign/node/express'
import { devicePlugin, sendRelay as fastifySendRelay } from '@countersign/node/fastify'

const gate = countersign({ url: 'unix:/run/countersign.sock', apiKey: 'csak_x', publicUrl: 'https://api.example' })

const app = express()
app.use(device(gate, { required: false }))
app.get('/me', device(gate, { minTrust: 'trusted' }), (req, res) => {
  const found: Device | null | undefined = req.device
  res.json({ id: found?.device_id, amr: found?.amr })
})
app.post('/login', (req, res) => sendRelay(res, gate.relayLogin(req, { clientId: 'cli_x', userId: 42, amr: ['pwd'] })))
// @ts-expect-error a level that does not exist
device(gate, { minTrust: 'high' })
// @ts-expect-error an option that does not exist
countersign({ url: '', apiKey: '', publicUrl: '', publicUlr: '' })

const fastify = Fastify()
await fastify.register(devicePlugin, { countersign: gate, requireKey: true })
fastify.get('/me', { config: { device: { minTrust: 'corporate' } } }, async (request) => request.device?.user_id)
fastify.post('/login', { config: { device: false } }, (request, reply) =>
  fastifySendRelay(reply, gate.relayRefresh(request, { clientId: 'cli_x' })),
)

try {
  await gate.relayLogin({ raw: {} as import('node:http').IncomingMessage }, { clientId: 'cli_x', userId: '42' })
} catch (error) {
  if (error instanceof RelayError) console.log(error.status, error.body.code, error.headers['DPoP-Nonce'])
}

const verdict = await gate.verify({} as import('node:http').IncomingMessage)
if (verdict.allowed) verdict.device?.session_id
else verdict.body.code

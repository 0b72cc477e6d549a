// A tiny app in each framework: every route of the table answers with its device.

import { once } from 'node:events'
import express from 'express'
import Fastify from 'fastify'
import { device, sendRelay } from '../../src/express.js'
import { devicePlugin, sendRelay as fastifySendRelay } from '../../src/fastify.js'

/** The demands of a table row under this package's names. */
export function demandsOf({ required, min_trust, require_compliant, require_key }) {
  return { required, minTrust: min_trust, requireCompliant: require_compliant, requireKey: require_key }
}

export const frameworks = { Express: startExpress, 'Express, in layers': startLayeredExpress, Fastify: startFastify }

/** Each route with a middleware of its own, which sends the demands to the service. */
function startExpress(countersign, routes, clientId) {
  return listen(express(), countersign, routes, clientId)
}

/** One middleware for all before them: the second one must not present the proof again. */
function startLayeredExpress(countersign, routes, clientId) {
  return listen(express().use(device(countersign, { required: false })), countersign, routes, clientId)
}

async function listen(app, countersign, routes, clientId) {
  for (const [path, demands] of Object.entries(routes)) {
    app.use(path, device(countersign, demandsOf(demands)), (req, res) => res.json({ device: req.device }))
  }
  app.post('/login', express.json(), (req, res) =>
    sendRelay(res, countersign.relayLogin(req, { clientId, userId: req.body.email, amr: ['pwd'] })),
  )
  app.post('/refresh', express.json(), (req, res) => sendRelay(res, countersign.relayRefresh(req, { clientId })))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: server.address().port, stop: () => stopServer(server) }
}

async function startFastify(countersign, routes, clientId) {
  const app = Fastify()
  await app.register(devicePlugin, { countersign })
  for (const [path, demands] of Object.entries(routes)) {
    const options = { config: { device: demandsOf(demands) } }
    for (const url of [path, `${path}/*`]) {
      app.all(url, options, async (request) => ({ device: request.device }))
    }
  }
  const open = { config: { device: false } }
  app.post('/login', open, (request, reply) =>
    fastifySendRelay(reply, countersign.relayLogin(request, { clientId, userId: request.body.email, amr: ['pwd'] })),
  )
  app.post('/refresh', open, (request, reply) =>
    fastifySendRelay(reply, countersign.relayRefresh(request, { clientId })),
  )
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: app.server.address().port, stop: () => stopServer(app.server) }
}

function stopServer(server) {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(resolve))
}

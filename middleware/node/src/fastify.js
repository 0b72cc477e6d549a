// Fastify: `request.device`.

import { checkDemands } from './demands.js'
import { RelayError } from './relay.js'

/**
 * Plugin that lets requests on with `request.device`, or answers them.
 *
 * Covers every route of the scope it is registered in. A route changes its demands with
 * `config: { device: {…} }`, or leaves itself out with `config: { device: false }`.
 */
export async function devicePlugin(fastify, { countersign, prefix: _, ...demands }) {
  checkDemands(demands)
  fastify.decorateRequest('device', null)
  fastify.addHook('onRoute', ({ config }) => checkDemands(config?.device || {}))
  fastify.addHook('onRequest', async (request, reply) => {
    const own = request.routeOptions.config?.device
    if (own === false) return undefined
    const verdict = await countersign.verify(request, { ...demands, ...own })
    if (!verdict.allowed) return send(reply, verdict)
    reply.headers(verdict.headers)
    request.device = verdict.device
    return undefined
  })
}

// The scope that registers it, not one of its own (what fastify-plugin does).
devicePlugin[Symbol.for('skip-override')] = true
devicePlugin[Symbol.for('fastify.display-name')] = '@countersign/node'

/** Answers a login or refresh with what a relay call gives: the session, or why there is none. */
export async function sendRelay(reply, relaying) {
  try {
    return send(reply, await relaying)
  } catch (error) {
    if (!(error instanceof RelayError)) throw error
    return send(reply, error)
  }
}

function send(reply, { status, headers, body }) {
  return reply.code(status).headers(headers).send(JSON.stringify(body))
}

// Express: `req.device`.

import { checkDemands } from './demands.js'
import { RelayError } from './relay.js'

/** Middleware that lets a request on with `req.device`, or answers it. */
export function device(countersign, demands = {}) {
  checkDemands(demands)
  return async function countersignDevice(req, res, next) {
    const verdict = await countersign.verify(req, demands)
    if (!verdict.allowed) {
      // Of an earlier judgement with fewer demands.
      res.removeHeader('DPoP-Nonce')
      return send(res, verdict)
    }
    res.set(verdict.headers)
    req.device = verdict.device
    next()
  }
}

/** Answers a login or refresh with what a relay call gives: the session, or why there is none. */
export async function sendRelay(res, relaying) {
  try {
    send(res, await relaying)
  } catch (error) {
    if (!(error instanceof RelayError)) throw error
    send(res, error)
  }
}

function send(res, { status, headers, body }) {
  res.status(status).set(headers).send(JSON.stringify(body))
}

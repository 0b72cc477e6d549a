// Handing a login or refresh to Countersign, and its answer back to the device.

import { PROBLEM_TYPE, unavailable } from './refusal.js'
import { ServiceError } from './service.js'
import { isHeader, statusText } from './verdict.js'

/** About the backend's own API key: nothing that a device could do anything about. */
const OURS = new Set(['unauthenticated', 'insufficient_scope'])

/** A login or refresh that was refused: `status`, `headers` and `body` are what to answer the device. */
export class RelayError extends Error {
  name = 'RelayError'

  constructor({ status, headers, body }) {
    super(`the login or refresh was refused: ${body.code}`)
    this.status = status
    this.headers = headers
    this.body = body
  }
}

/**
 * Reads the answer of `POST /v1/sessions`.
 * @throws {RelayError} for a refusal
 * @throws {ServiceError} for what is neither a session nor a problem that concerns the device
 */
export function readSession({ status, headers, body }) {
  if ((status === 200 || status === 201) && isSession(body)) {
    return { status, headers: handedOn('application/json', body), body }
  }
  if (status < 400 || !isProblem(body, status) || OURS.has(body.code)) {
    throw new ServiceError(statusText(status))
  }
  const answer = { status, headers: handedOn(PROBLEM_TYPE, body), body }
  if (/^\d+$/.test(headers['retry-after'])) answer.headers['Retry-After'] = headers['retry-after']
  throw new RelayError(answer)
}

/** The 503 for a service that could not be asked. */
export function relayUnavailable() {
  return new RelayError(unavailable())
}

function isSession(body) {
  return typeof body?.session_id === 'string' && isHeader(body.dpop_nonce)
}

function isProblem(body, status) {
  return (
    typeof body?.code === 'string' &&
    body.status === status &&
    isHeader(body.www_authenticate) &&
    isHeader(body.dpop_nonce)
  )
}

function handedOn(type, body) {
  const headers = { 'Content-Type': type, 'Cache-Control': 'no-store' }
  if (body.www_authenticate) headers['WWW-Authenticate'] = body.www_authenticate
  if (body.dpop_nonce) headers['DPoP-Nonce'] = body.dpop_nonce
  return headers
}

// What the service said of a request.

import { refusal } from './refusal.js'
import { ServiceError } from './service.js'

const TEXTS = ['session_id', 'user_id', 'client_id', 'device_id', 'app_id', 'trust', 'compliance', 'platform', 'expires_at']
const CODE = /^[a-z_]{1,64}$/
// A header value that cannot end its line.
const HEADER = /^[\x20-\x7e]*$/

/**
 * Reads the answer of `POST /v1/verify`.
 * @throws {ServiceError} for whatever is not exactly a yes or a no
 */
export function readVerdict({ status, body }) {
  if (status !== 200) throw new ServiceError(statusText(status))
  if (body?.allowed === true && isDevice(body) && isHeader(body.dpop_nonce)) return allowed(body)
  if (body?.allowed === false && isRefusal(body)) return refused(body)
  throw new ServiceError('the answer has an unknown shape')
}

/** Why a status other than the expected one came. */
export function statusText(status) {
  if (status === 401) return 'the API key was refused'
  if (status === 403) return 'the API key lacks a scope'
  return `status ${status}`
}

/** Whether it may be sent as a header, or is absent. */
export function isHeader(value) {
  return value === undefined || value === null || (typeof value === 'string' && HEADER.test(value))
}

function isDevice(body) {
  return (
    TEXTS.every((name) => typeof body[name] === 'string' && body[name] !== '') &&
    typeof body.key_bound === 'boolean' &&
    Array.isArray(body.amr) &&
    body.amr.every((method) => typeof method === 'string') &&
    ['string', 'undefined'].includes(typeof (body.app_version ?? undefined))
  )
}

function isRefusal({ code, status, www_authenticate, dpop_nonce }) {
  return (
    typeof code === 'string' &&
    CODE.test(code) &&
    (status === 401 || status === 403) &&
    isHeader(www_authenticate) &&
    isHeader(dpop_nonce)
  )
}

function allowed(body) {
  const device = Object.fromEntries(TEXTS.map((name) => [name, body[name]]))
  device.app_version = body.app_version ?? null
  device.amr = [...body.amr]
  device.key_bound = body.key_bound
  const headers = body.dpop_nonce ? { 'DPoP-Nonce': body.dpop_nonce } : {}
  return { allowed: true, device: Object.freeze(device), headers }
}

function refused({ code, status, www_authenticate, dpop_nonce }) {
  return refusal(code, status, { challenge: www_authenticate, nonce: dpop_nonce })
}

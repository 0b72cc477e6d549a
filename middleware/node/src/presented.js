// What a request presents: its token, its proof, what both must be for, and where it came from.

import { isIP } from 'node:net'
import { unauthorized } from './refusal.js'

const MOST_BYTES = 8 * 1024
const MOST_METHOD_BYTES = 32

// Visible ASCII. A comma would be two headers that something on the way joined.
const TOKEN = /^[\x21-\x2b\x2d-\x7e]+$/

/**
 * The token and proof of a request.
 *
 * Gives `{ refused }` for what the service could only refuse, `{}` when no `Authorization` was sent,
 * else `{ call }`, the body of `POST /v1/verify` without demands.
 */
export function present(request, { publicUrl, trustProxy }) {
  const proofs = headerValues(request, 'dpop')
  const authorizations = headerValues(request, 'authorization')
  const { scheme, token } = (authorizations.length === 1 && credentials(authorizations[0])) || {}
  if (proofs.length > 1) return { refused: unauthorized('proof_invalid', scheme ?? 'DPoP') }
  if (authorizations.length === 0) return {}
  if (!isToken(token)) return { refused: unauthorized('token_invalid', scheme ?? 'DPoP') }
  const call = { token, scheme }
  const address = clientIp(request, trustProxy)
  if (address) call.client_ip = address
  if (proofs.length === 0) return { call }
  const [proof] = proofs
  if (!isToken(proof)) return { refused: unauthorized('proof_invalid', scheme) }
  const target = { method: request.method, url: publicUrl + pathOf(request) }
  if (target.method.length > MOST_METHOD_BYTES || Buffer.byteLength(target.url) > MOST_BYTES) {
    return { refused: unauthorized('proof_mismatch', scheme) }
  }
  return { call: { ...call, proof, ...target } }
}

/** The proof to relay with a login: `{}` when none was sent, `{ refused }` for two. */
export function presentForRelay(request, { publicUrl, trustProxy }) {
  const proofs = headerValues(request, 'dpop')
  if (proofs.length > 1 || !proofs.every(isToken)) return { refused: unauthorized('proof_invalid', 'DPoP') }
  const from = {}
  const address = clientIp(request, trustProxy)
  const [userAgent] = headerValues(request, 'user-agent')
  if (address) from.client_ip = address
  if (userAgent) from.user_agent = userAgent
  if (proofs.length === 0) return { from }
  return { from, proof: { jwt: proofs[0], htm: request.method, htu: publicUrl + pathOf(request) } }
}

/** Every value of a header: `headers` drops a second `Authorization` and joins a second `DPoP`. */
function headerValues({ rawHeaders }, wanted) {
  const values = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at].toLowerCase() === wanted) values.push(rawHeaders[at + 1].trim())
  }
  return values
}

function isToken(text = '') {
  return text.length <= MOST_BYTES && TOKEN.test(text)
}

function credentials(authorization) {
  const at = authorization.indexOf(' ')
  const name = authorization.slice(0, Math.max(at, 0)).toLowerCase()
  const scheme = { dpop: 'DPoP', bearer: 'Bearer' }[name]
  return scheme && { scheme, token: authorization.slice(at + 1).trim() }
}

/**
 * The path as it was sent, without query (RFC 9449 section 4.2).
 *
 * From `originalUrl`, where a framework keeps what a mounted router or a rewrite changed. The
 * host in an absolute-form target (RFC 9112 section 3.2.2) says as little as a `Host` header.
 */
function pathOf(request) {
  const target = request.originalUrl ?? request.url
  const [path] = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').split(/[?#]/, 1)
  return path.startsWith('/') ? path : '/'
}

/**
 * The device's address: the socket's, or behind `trustProxy` proxies the one that the first of them
 * saw. What stands further left in `X-Forwarded-For` is the client's own writing.
 */
function clientIp(request, trustProxy) {
  const peer = request.socket?.remoteAddress
  const forwarded = headerValues(request, 'x-forwarded-for').join(',').split(',')
  const chain = [...forwarded.map((entry) => entry.trim()).filter(Boolean), peer]
  return address(chain[Math.max(0, chain.length - 1 - trustProxy)]) ?? address(peer)
}

function address(text) {
  const plain = text?.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(plain ?? '') ? plain : undefined
}

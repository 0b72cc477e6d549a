// What a device is told when its request goes no further.

/** `code` to title, as the service words them; `unavailable` is also said here when it cannot be asked. */
const TITLES = {
  token_invalid: 'The token is not valid',
  token_expired: 'The token has expired',
  session_ended: 'The session has ended',
  session_expired: 'The session has expired',
  client_ended: 'The client ended its sessions',
  proof_required: 'A proof of possession is required',
  scheme_mismatch: 'The authentication scheme does not fit the token',
  proof_invalid: 'The proof is not valid',
  proof_mismatch: 'The proof is for another request',
  proof_expired: 'The proof is out of its time window',
  proof_replayed: 'The proof was used before',
  use_dpop_nonce: 'A server nonce is required in the proof',
  key_mismatch: 'The proof is by another key',
  user_disabled: 'The user is disabled',
  device_removed: 'The device was removed',
  device_evicted: 'The device made room for another',
  device_suspended: 'The device is suspended',
  device_revoked: 'The device is revoked',
  device_banned: 'The device is banned',
  insufficient_trust: 'The device is not trusted enough',
  not_compliant: 'The device is not compliant',
  key_required: 'A device key is required',
  unavailable: 'The service is not available',
}

/** RFC 9457 section 6.1. */
export const PROBLEM_TYPE = 'application/problem+json'

const RETRY_AFTER_SECONDS = '1'

/** A refusal as the service gave it, or one of the same form. */
export function refusal(code, status, { challenge, nonce } = {}) {
  const title = TITLES[code] ?? code.replaceAll('_', ' ')
  const headers = { 'Content-Type': PROBLEM_TYPE, 'Cache-Control': 'no-store' }
  if (challenge) headers['WWW-Authenticate'] = challenge
  if (nonce) headers['DPoP-Nonce'] = nonce
  const body = { type: `https://countersign.dev/problems/${code}`, title, status, detail: title, code }
  return { allowed: false, status, headers, body }
}

/**
 * The 401 for what need not be sent to the service, with the challenge that the service itself gives
 * (RFC 6750 section 3, RFC 9449 section 7.1).
 */
export function unauthorized(code, scheme) {
  const error = code === 'token_invalid' ? 'invalid_token' : 'invalid_dpop_proof'
  const algorithms = scheme === 'DPoP' ? ', algs="ES256"' : ''
  const challenge = `${scheme} error="${error}", error_description="${TITLES[code]}"${algorithms}`
  return refusal(code, 401, { challenge })
}

/** The 503 for a request that nobody could judge. */
export function unavailable() {
  const refused = refusal('unavailable', 503)
  refused.headers['Retry-After'] = RETRY_AFTER_SECONDS
  return refused
}

// What a route demands beyond a live session.

const TRUST = ['unknown', 'trusted', 'corporate']
const NAMES = new Set(['required', 'minTrust', 'requireCompliant', 'requireKey'])

/**
 * Checks demands where they are written down: a misspelt one must not pass for no demand.
 * @throws {TypeError}
 */
export function checkDemands(demands = {}) {
  for (const [name, value] of Object.entries(demands)) {
    if (!NAMES.has(name)) throw new TypeError(`countersign: there is no demand ${name}`)
    if (value === undefined) continue
    const isValid = name === 'minTrust' ? TRUST.includes(value) : typeof value === 'boolean'
    if (!isValid) throw new TypeError(`countersign: ${name} cannot be ${value}`)
  }
  return demands
}

/** The demands as the service reads them. */
export function onTheWire({ minTrust, requireCompliant, requireKey }) {
  return {
    ...(minTrust && { min_trust: minTrust }),
    ...(requireCompliant && { require_compliant: true }),
    ...(requireKey && { require_key: true }),
  }
}

/**
 * The first demand that an allowed request does not meet, as a code, in the service's order.
 *
 * For a request that was judged already: its proof cannot be presented a second time.
 */
export function unmet(device, { minTrust, requireCompliant, requireKey }) {
  if (minTrust && TRUST.indexOf(device.trust) < TRUST.indexOf(minTrust)) return 'insufficient_trust'
  if (requireCompliant && device.compliance !== 'compliant') return 'not_compliant'
  if (requireKey && !device.key_bound) return 'key_required'
  return undefined
}

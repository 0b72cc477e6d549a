// What an app configures once.

/**
 * Checks options; messages name an option and never its value, which may be a secret.
 * @throws {TypeError}
 */
export function readOptions({
  url,
  apiKey,
  publicUrl,
  timeoutMs = 1000,
  relayTimeoutMs = 5000,
  trustProxy = 0,
  log = logToConsole,
  ...unknown
}) {
  const [name] = Object.keys(unknown)
  must(name === undefined, `there is no option ${name}`)
  must(isServiceUrl(url), 'url must be http://…, https://… or unix:/…')
  must(typeof apiKey === 'string' && /^[\x21-\x7e]+$/.test(apiKey), 'apiKey must be an API key, without line end')
  const base = baseUrl(publicUrl)
  must(base, 'publicUrl must be what devices put in front of a path: http(s)://host, without query')
  must(timeoutMs > 0 && relayTimeoutMs > 0, 'timeoutMs and relayTimeoutMs must be positive')
  must(Number.isInteger(trustProxy) && trustProxy >= 0, 'trustProxy must be the number of proxies in front')
  must(typeof log === 'function', 'log must be a function')
  return { url, apiKey, publicUrl: base, timeoutMs, relayTimeoutMs, trustProxy, log }
}

function must(holds, text) {
  if (!holds) throw new TypeError(`countersign: ${text}`)
}

function isServiceUrl(url) {
  if (typeof url !== 'string') return false
  return url.startsWith('unix:/') || (/^https?:$/.test(parse(url)?.protocol) && !parse(url).username)
}

/** Without a trailing slash, so that a path can follow. */
function baseUrl(publicUrl) {
  const parsed = typeof publicUrl === 'string' && parse(publicUrl)
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return undefined
  if (parsed.search || parsed.hash || parsed.username) return undefined
  return parsed.origin + parsed.pathname.replace(/\/+$/, '')
}

function parse(url) {
  try {
    return new URL(url)
  } catch {
    return undefined
  }
}

function logToConsole(message, fields) {
  console.error(message, fields)
}

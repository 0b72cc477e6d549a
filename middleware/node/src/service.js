// The way to Countersign: one JSON call, within a time, over connections that are kept open.

import http from 'node:http'
import https from 'node:https'

const MOST_ANSWER_BYTES = 64 * 1024
/** Below the 15 s and more for which servers keep an idle connection. */
const IDLE_MS = 10_000

/** The service could not be asked, or its answer makes no sense; the text never holds a secret. */
export class ServiceError extends Error {
  name = 'ServiceError'
}

/** A Countersign service or sidecar. */
export class Service {
  #call
  #agent

  /** @param {string} url `http://…`, `https://…` or `unix:/path/of/a/socket` */
  constructor(url, apiKey) {
    const { transport, ...address } = addressOf(url)
    const headers = { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' }
    this.#agent = new transport.Agent({ keepAlive: true, timeout: IDLE_MS })
    this.#call = (path, options) =>
      transport.request({
        ...address,
        ...options,
        method: 'POST',
        path: address.prefix + path,
        headers: { ...headers, ...options.headers },
      })
  }

  /** A judgement: asked again at once if a kept connection had gone, since it changes nothing. */
  async ask(path, body, timeoutMs) {
    const deadline = AbortSignal.timeout(timeoutMs)
    try {
      return await this.#send(path, body, { agent: this.#agent, signal: deadline })
    } catch (error) {
      if (!error.isStale) throw describe(error, deadline)
    }
    return this.#once(path, body, deadline)
  }

  /** A change: over a connection of its own, so that it is never in doubt whether it was sent. */
  change(path, body, timeoutMs) {
    return this.#once(path, body, AbortSignal.timeout(timeoutMs))
  }

  /** Closes idle connections. */
  close() {
    this.#agent.destroy()
  }

  async #once(path, body, deadline) {
    try {
      return await this.#send(path, body, { agent: false, signal: deadline })
    } catch (error) {
      throw describe(error, deadline)
    }
  }

  #send(path, body, options) {
    const text = JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const request = this.#call(path, { ...options, headers: { 'Content-Length': Buffer.byteLength(text) } })
      let isAnswered = false
      request.on('response', (response) => {
        isAnswered = true
        read(response).then(resolve, reject)
      })
      request.on('error', (error) => {
        error.isStale = request.reusedSocket && !isAnswered && ['ECONNRESET', 'EPIPE'].includes(error.code)
        reject(error)
      })
      request.end(text)
    })
  }
}

/** @throws {TypeError} without showing the URL, which may hold a password. */
function addressOf(url) {
  if (url.startsWith('unix:/')) {
    return { transport: http, socketPath: url.slice('unix:'.length), host: 'localhost', prefix: '' }
  }
  const { protocol, hostname, port, pathname } = new URL(url)
  return {
    transport: protocol === 'https:' ? https : http,
    host: hostname.replace(/^\[|\]$/g, ''),
    port,
    prefix: pathname.replace(/\/+$/, ''),
  }
}

async function read(response) {
  const chunks = []
  let bytes = 0
  for await (const chunk of response) {
    bytes += chunk.length
    if (bytes > MOST_ANSWER_BYTES) throw new ServiceError('the answer is too long')
    chunks.push(chunk)
  }
  let body
  try {
    body = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    // The parser's own message quotes what it read.
  }
  return { status: response.statusCode, headers: response.headers, body }
}

function describe(error, deadline) {
  if (error instanceof ServiceError) return error
  if (deadline.aborted) return new ServiceError('no answer in time')
  return new ServiceError(`no connection or a broken one: ${error.code ?? error.name}`)
}

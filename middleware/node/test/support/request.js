// A request exactly as a case describes it: headers twice, a Host that lies.

import http from 'node:http'

/** `headers` is a flat list of names and values. */
export function send(port, { method = 'GET', target, headers, body }) {
  return new Promise((resolve, reject) => {
    const named = headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')
    const all = named ? headers : ['Host', `127.0.0.1:${port}`, ...headers]
    if (!body && method !== 'GET') all.push('Content-Length', '0')
    if (body) all.push('Content-Type', 'application/json', 'Content-Length', Buffer.byteLength(body))
    const request = http.request({ host: '127.0.0.1', port, method, path: target, headers: all, agent: false })
    request.on('error', reject)
    request.on('response', async (response) => {
      const chunks = await response.toArray()
      const text = Buffer.concat(chunks).toString()
      resolve({ status: response.statusCode, headers: response.headers, text, body: text && JSON.parse(text) })
    })
    request.end(body)
  })
}

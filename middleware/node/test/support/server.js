// A real `countersign` on free ports, with a temporary database.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Starts the binary that `COUNTERSIGN_BIN` names; without one the run fails. */
export async function startServer() {
  const binary = process.env.COUNTERSIGN_BIN
  if (!binary) throw new Error('COUNTERSIGN_BIN must name the countersign binary')
  const free = '127.0.0.1:0'
  const flags = ['serve', '--dev', '--public-listen', free, '--internal-listen', free, '--log-level', 'error', '--log-format', 'text']
  const child = spawn(binary, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
  const found = {}
  for await (const line of createInterface({ input: child.stdout })) {
    found.url ??= /^listening .*internal=(\S+)/.exec(line)?.[1]
    found.apiKey ??= /^API_KEY=(\S+)/.exec(line)?.[1]
    if (found.apiKey) break
  }
  if (!found.apiKey) throw new Error('countersign did not start')
  return { ...found, api: (method, path, body) => api(found, method, path, body), stop: () => stop(child) }
}

async function api({ url, apiKey }, method, path, body) {
  const response = await fetch(url + path, {
    method,
    headers: { Authorization: `Bearer ${apiKey}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, body: text && JSON.parse(text) }
}

async function stop(child) {
  if (child.exitCode === null) {
    child.kill()
    await once(child, 'exit')
  }
}

// Where a run takes place: a copy of what the text needs, free ports, an environment.

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const FOLDERS = ['docs', 'examples', 'middleware/node', 'middleware/python', 'sdk/web']

/** A folder as after a clone, with nothing that was installed or built here. */
export function clone() {
  const folder = mkdtempSync(join(tmpdir(), 'quickstart-'))
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ...FOLDERS], { cwd: ROOT })
  for (const path of listed.toString().split('\0').filter(Boolean)) {
    const target = join(folder, 'clone', path)
    mkdirSync(dirname(target), { recursive: true })
    cpSync(join(ROOT, path), target)
  }
  mkdirSync(join(folder, 'bin'))
  symlinkSync(process.env.COUNTERSIGN_BIN, join(folder, 'bin', 'countersign'))
  return folder
}

export function remove(folder) {
  rmSync(folder, { recursive: true, force: true })
}

/** The environment in which the text runs as it is written, beside whatever else runs on the machine. */
export async function surroundings(folder) {
  const [app, open, internal, metrics] = await freePorts(4)
  // What the caller set for an app or a server of their own is not meant for this one.
  const kept = Object.entries(process.env).filter(([name]) => !/^(COUNTERSIGN_|DEMO_USERS$)/.test(name))
  return {
    ...Object.fromEntries(kept),
    PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
    APP_URL: `http://localhost:${app}`,
    COUNTERSIGN_DATA_DIR: join(folder, 'data'),
    COUNTERSIGN_SERVER__PUBLIC_LISTEN: `127.0.0.1:${open}`,
    COUNTERSIGN_SERVER__INTERNAL_LISTEN: `127.0.0.1:${internal}`,
    COUNTERSIGN_SERVER__METRICS_LISTEN: `127.0.0.1:${metrics}`,
    COUNTERSIGN_ISSUER: `http://127.0.0.1:${open}`,
    COUNTERSIGN_INTERNAL_URL: `http://127.0.0.1:${internal}`,
  }
}

async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, listening))
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

function listening() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server))
  })
}

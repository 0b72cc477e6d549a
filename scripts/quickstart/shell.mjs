// One bash, as a reader has one: what a block exports or starts is there for the next.

import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const MOST_MS = 300_000

export class Shell {
  #bash
  #folder
  #output = ''
  #blocks = 0
  #changed = () => {}

  /** `folder` holds the blocks as files; the shell itself begins in `cwd`. */
  constructor(folder, cwd, env) {
    this.#folder = folder
    // A process group of its own, so that everything it starts can be ended with it.
    this.#bash = spawn('bash', ['--noprofile', '--norc'], { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    for (const stream of [this.#bash.stdout, this.#bash.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.#output += text
        this.#changed()
      })
    }
    this.#bash.on('exit', () => this.#changed())
    this.#bash.stdin.write('set -o pipefail\n')
  }

  /** Everything that was printed so far, by what runs in the background too. */
  get output() {
    return this.#output
  }

  /** Runs a block as it is written; gives what was printed meanwhile, and throws when it fails. */
  async run(block) {
    this.#blocks += 1
    const [file, done] = [join(this.#folder, `block-${this.#blocks}.sh`), `@@${this.#blocks}:`]
    writeFileSync(file, block)
    const before = this.#output.length
    this.#bash.stdin.write(`. '${file}' </dev/null; echo; echo "${done}$?"\n`)
    const status = await this.#until(() => new RegExp(`^${done}(\\d+)$`, 'm').exec(this.#output)?.[1])
    const printed = this.#output.slice(before).replace(new RegExp(`\\n${done}.*\\n`), '')
    if (status !== '0') throw new Error(`a block ended with ${status}:\n${block}\n${printed}`)
    return printed
  }

  /** Ends the shell and everything that it started. */
  async end() {
    this.#signal('SIGTERM')
    const patience = setTimeout(() => this.#signal('SIGKILL'), 5_000)
    while (this.#signal(0)) await new Promise((resolve) => setTimeout(resolve, 50))
    clearTimeout(patience)
  }

  #signal(signal) {
    try {
      return process.kill(-this.#bash.pid, signal)
    } catch {
      return false
    }
  }

  async #until(found) {
    const deadline = Date.now() + MOST_MS
    for (;;) {
      const value = found()
      if (value !== undefined) return value
      if (this.#bash.exitCode !== null || Date.now() > deadline) {
        throw new Error(`the shell gave no answer:\n${this.#output}`)
      }
      await new Promise((resolve) => {
        this.#changed = resolve
        setTimeout(resolve, 1_000)
      })
    }
  }
}

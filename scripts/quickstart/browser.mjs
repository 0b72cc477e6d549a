// A Chromium with a profile that outlives it, open at the example's page.

import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const PATIENCE_MS = 30_000

export class Browser {
  #profile
  #url
  #context
  /** The tab. */
  page
  /** What the page did not expect: uncaught errors. */
  defects = []

  static async start(folder, url) {
    const browser = new Browser()
    browser.#profile = mkdtempSync(join(folder, 'profile-'))
    browser.#url = url
    await browser.#launch()
    return browser
  }

  /** Ends the process and starts another one on the same profile. */
  async restart() {
    await this.#context.close()
    await this.#launch()
  }

  /** Runs a text as the console of the developer tools does, with `await` anywhere. */
  async console(expression) {
    const session = await this.page.context().newCDPSession(this.page)
    const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
      expression,
      replMode: true,
      awaitPromise: true,
      returnByValue: true,
    })
    await session.detach()
    if (exceptionDetails) throw new Error(`the console says: ${exceptionDetails.exception?.description}`)
    return result.value
  }

  async stop() {
    await this.#context?.close()
    rmSync(this.#profile, { recursive: true, force: true })
  }

  async #launch() {
    const executablePath = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium'
    this.#context = await chromium.launchPersistentContext(this.#profile, { executablePath, args: ARGUMENTS, headless: true })
    this.#context.setDefaultTimeout(PATIENCE_MS)
    this.page = await this.#context.newPage()
    this.page.on('pageerror', (error) => this.defects.push(error.message))
    await this.page.goto(this.#url)
  }
}

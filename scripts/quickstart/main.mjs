// Takes docs/QUICKSTART.md at its word: runs its commands in the order of the text, and its page in a browser.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Browser } from './browser.mjs'
import * as notes from './notes.mjs'
import { clone, remove, ROOT, surroundings } from './place.mjs'
import { Shell } from './shell.mjs'
import { blocksOf, checkOutput, checkQuotes } from './text.mjs'

const VARIANTS = ['node', 'python']
const MOST_COMMANDS = 6
const MOST_SECONDS = 300
const PATIENCE_MS = 60_000

const wanted = process.argv.slice(2)
const blocks = blocksOf(readFileSync(join(ROOT, 'docs/QUICKSTART.md'), 'utf8'))
console.log(`${checkQuotes(blocks, ROOT)} quoted blocks are in the files that they name`)
try {
  for (const variant of wanted.length > 0 ? wanted : VARIANTS) {
    if (!VARIANTS.includes(variant)) throw new Error(`there is no variant ${variant}`)
    await runVariant(variant, blocks.filter(({ mark }) => !VARIANTS.includes(mark) || mark === variant))
  }
  console.log('the quick start does what it says')
} catch (error) {
  console.error(`failed: ${error.message}`)
  process.exitCode = 1
}

async function runVariant(variant, its) {
  console.log(`\n==> ${variant}`)
  const folder = clone()
  const env = await surroundings(folder)
  const shell = new Shell(folder, join(folder, 'clone'), env)
  const ending = [() => remove(folder), () => shell.end()]
  const openBrowser = async () => {
    const browser = await Browser.start(folder, env.APP_URL)
    ending.push(() => browser.stop())
    return browser
  }
  const onSignal = () => end(ending).finally(() => process.exit(130))
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  try {
    const browser = await followText(its, shell, env, openBrowser)
    await signOutRemotely(browser, openBrowser)
    if (browser.defects.length > 0) throw new Error(`uncaught in the page: ${browser.defects.join('; ')}`)
  } catch (error) {
    console.error(`--- printed by the commands:\n${shell.output}---`)
    throw error
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    await end(ending)
  }
}

/** Runs the blocks; the first one for the browser's console stands where the reader has opened the page. */
async function followText(its, shell, env, openBrowser) {
  const began = Date.now()
  let [browser, printed, commands] = [undefined, '', 0]
  for (const { language, mark, name, text, line } of its) {
    if (language === 'sh') {
      say(`line ${line}: ${text.trim().replace(/\n/g, '\n    ')}`)
      printed = await shell.run(text)
      if (!browser) commands += commandsIn(text)
    } else if (language === 'js' && mark === 'console') {
      browser ??= await firstRequest(began, commands, env, openBrowser)
      const token = await browser.console(text)
      if (!/^(ey|csrt_)[\w.-]+$/.test(token)) throw new Error(`the console gave no token but ${token}`)
      say(`copied out of the browser: ${name}, ${token.length} characters`)
      await shell.run(`${name}='${token}'\n`)
    } else if (language === 'http') {
      checkOutput(text, printed)
      say(`as promised: ${text.trim().replace(/\n/g, ' | ')}`)
    }
  }
  if (!browser) throw new Error('the text has no block for the browser')
  return browser
}

async function firstRequest(began, commands, env, openBrowser) {
  await answering(env.APP_URL)
  await answering(`${env.COUNTERSIGN_ISSUER}/readyz`)
  const browser = await openBrowser()
  await notes.refuseWrongPassword(browser)
  await notes.logIn(browser)
  const status = await notes.addNote(browser, 'buy milk')
  if (status !== 201) throw new Error(`the note was answered with ${status}`)
  const seconds = (Date.now() - began) / 1_000
  await notes.seeNote(browser, 'buy milk')
  say(`first bound request after ${commands} commands and ${seconds.toFixed(1)} s`)
  if (commands > MOST_COMMANDS || seconds > MOST_SECONDS) throw new Error('that is more than the text may take')
  await restartBrowser(browser)
  return browser
}

async function restartBrowser(browser) {
  const key = await notes.keyOf(browser)
  await browser.restart()
  await notes.seeLoggedIn(browser)
  await notes.seeNote(browser, 'buy milk')
  const status = await notes.addNote(browser, 'drink milk')
  if (status !== 201 || (await notes.keyOf(browser)) !== key) throw new Error('the key did not survive')
  await notes.seeNote(browser, 'drink milk')
  say('the browser was closed and started again: still logged in, and the same key signs')
}

async function signOutRemotely(browser, openBrowser) {
  const phone = await openBrowser()
  await notes.logIn(phone)
  await notes.seeNote(phone, 'drink milk')
  await notes.rename(phone, 'this device', 'Her phone')
  say(`her devices: ${(await notes.devices(browser, 2)).map((row) => row.replace(/,.*/, '')).join('; ')}`)
  await notes.signOutOther(browser)
  const status = await notes.addNote(phone, 'from the phone')
  if (status !== 401) throw new Error(`a signed-out device was answered with ${status}`)
  await notes.seeSignedOut(phone)
  say('signed out remotely: its next request is refused with 401, and the page says so')
  await notes.logIn(phone)
  await notes.devices(browser, 2)
  await notes.endOthers(browser)
  if ((await notes.addNote(phone, 'again')) !== 401) throw new Error('the others are not signed out')
  await notes.seeSignedOut(phone)
  if ((await notes.addNote(browser, 'still here')) !== 201) throw new Error('the own session ended too')
  await notes.seeNote(browser, 'still here')
  await notes.logOut(browser)
  say('all others signed out, this one stays; then logged out')
  if (phone.defects.length > 0) throw new Error(`uncaught in the page: ${phone.defects.join('; ')}`)
}

/** Lines, where one that ends in a backslash goes on. */
function commandsIn(text) {
  return text.replace(/\\\n/g, '').split('\n').filter((line) => line.trim() && !line.startsWith('#')).length
}

async function answering(url) {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.ok) return
    if (Date.now() > deadline) throw new Error(`nothing answers at ${url}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function end(ending) {
  while (ending.length > 0) await ending.pop()()
}

function say(text) {
  console.log(`  ${text}`)
}

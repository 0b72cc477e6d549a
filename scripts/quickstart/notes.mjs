// The example's page, as somebody who uses it sees it. Each step throws unless it sees the outcome.

const USER = 'alice'

export async function logIn({ page }) {
  await page.fill('[name=user]', USER)
  await page.fill('[name=password]', 'rabbit')
  await page.click('#login button')
  await page.waitForSelector('#app:not([hidden])')
  // The list comes by a request with a proof.
  await page.waitForSelector('#devices li')
}

export async function refuseWrongPassword({ page }) {
  await page.fill('[name=user]', USER)
  await page.fill('[name=password]', 'wrong')
  await page.click('#login button')
  await page.waitForSelector('#message:has-text("Wrong user or password")')
}

export async function addNote({ page }, text) {
  const answer = page.waitForResponse((response) => response.url().endsWith('/api/notes') && response.request().method() === 'POST')
  await page.fill('[name=text]', text)
  await page.click('#add button')
  const response = await answer
  const { authorization = '', dpop = '' } = await response.request().allHeaders()
  if (!authorization.startsWith('DPoP ey') || !dpop.startsWith('ey')) throw new Error('the request carried no proof')
  return response.status()
}

export async function seeNote({ page }, text) {
  await page.waitForSelector(`#notes li:has-text("${text}")`)
}

export async function seeLoggedIn({ page }) {
  await page.waitForSelector('#app:not([hidden])')
  await page.waitForSelector(`#user:has-text("${USER}")`)
}

/** Whether the key is the same as before shows by its public half. */
export async function keyOf(browser) {
  return browser.page.evaluate(async () => {
    const database = await new Promise((resolve) => {
      indexedDB.open('countersign').onsuccess = ({ target }) => resolve(target.result)
    })
    const records = await new Promise((resolve) => {
      database.transaction('records').objectStore('records').getAll().onsuccess = ({ target }) => resolve(target.result)
    })
    database.close()
    const { privateKey, publicKey } = records.find((record) => record.privateKey)
    if (privateKey.extractable) throw new Error('the key can be taken out')
    return (await crypto.subtle.exportKey('jwk', publicKey)).x
  })
}

export async function rename({ page }, from, to) {
  page.once('dialog', (dialog) => dialog.accept(to))
  await page.click(`#devices li:has-text("${from}") >> text=Rename`)
  await page.waitForSelector(`#devices li:has-text("${to}")`)
}

/** The rows of "Your devices", read anew. */
export async function devices({ page }, count) {
  await page.reload()
  await page.waitForFunction((wanted) => document.querySelectorAll('#devices li').length === wanted, count)
  return page.locator('#devices li').allTextContents()
}

export async function signOutOther({ page }) {
  await page.click('#devices >> text="Sign out"')
  await page.waitForSelector('#devices li:has-text("signed out")')
}

export async function endOthers({ page }) {
  await page.click('#end-others')
  await page.waitForSelector('#devices li:has-text("signed out")')
}

export async function seeSignedOut({ page }) {
  await page.waitForSelector('#login:not([hidden])')
  await page.waitForSelector('#message:has-text("This device was signed out: session_ended")')
}

export async function logOut({ page }) {
  await page.click('#logout')
  await page.waitForSelector('#login:not([hidden])')
}

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DirectOptions } from "../../src/index.js";
import { Backend } from "../support/backend.js";
import { type Countersign, asBackend, createClient, startCountersign } from "../support/countersign.js";
import { siteOf } from "../support/files.js";
import { Issuer } from "../support/issuer.js";
import { Browser } from "./browser.js";
import { type AppWindow, directPage } from "./page.js";

declare const window: AppWindow;

const AUDIENCE = "app";

let browser: Browser;
let site: Backend;
let countersign: Countersign;
let issuer: Issuer;
let options: DirectOptions;

beforeAll(async () => {
  site = await Backend.start(siteOf(() => directPage(options)));
  countersign = await startCountersign();
  issuer = await Issuer.start();
  const issuers = [{ issuer: issuer.url, audiences: [AUDIENCE], nonce: "key" }];
  const clientId = await createClient(countersign, [site.origin], { issuers, nonce_policy: "always" });
  options = { door: "direct", clientId, issuer: countersign.publicUrl, origins: [countersign.publicUrl] };
  browser = await Browser.start();
});

afterAll(async () => {
  await browser?.stop();
  await countersign?.stop();
  await issuer?.stop();
  await site?.stop();
});

async function login(page: Page, user: string): Promise<string> {
  const nonce = await page.evaluate(() => window.direct.keyThumbprint());
  const idToken = issuer.idToken(user, AUDIENCE, nonce);
  return page.evaluate(async (token) => {
    window.session = await window.direct.login(token);
    return (await window.session.details()).device_id;
  }, { idToken, nonce });
}

test("a page of another origin logs in, refreshes and manages devices", async () => {
  const page = await browser.open(site.origin);
  const deviceId = await login(page, "alice");
  await page.evaluate(() => window.session.refresh());
  const renamed = await page.evaluate((id) => window.session.renameDevice(id, "Mine"), deviceId);
  expect(renamed.name).toBe("Mine");
  const own = await page.evaluate(() => window.session.ownDevicesPage());
  expect(own.data).toMatchObject([{ device_id: deviceId, is_current: true }]);
  const status = await page.evaluate(async (url) => (await window.session.fetch(`${url}/v1/me/devices`)).status, countersign.publicUrl);
  expect(status).toBe(200);
  await page.reload();
  expect(await page.evaluate(async () => (await window.direct.resume())?.userId)).toBe("alice");
  await page.close();
});

test("a wrong clock is corrected by the date that the server exposes", async () => {
  const page = await browser.open(site.origin);
  await page.evaluate(() => window.useClock(-3_600_000));
  await login(page, "bob");
  expect((await page.evaluate(() => window.session.ownDevicesPage())).active_sessions).toBe(1);
  await page.close();
});

test("an ending is seen by a page of another origin", async () => {
  const page = await browser.open(site.origin);
  const deviceId = await login(page, "carol");
  await asBackend(countersign, "POST", `/v1/users/carol/devices/${deviceId}/logout`);
  const refused = await page.evaluate(() => window.session.ownDevicesPage().catch(({ kind, code }) => [kind, code]));
  expect(refused).toEqual(["session_ended", "session_ended"]);
  await page.close();
});

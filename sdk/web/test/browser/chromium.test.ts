import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Backend } from "../support/backend.js";
import { type Countersign, asBackend, createClient, startCountersign } from "../support/countersign.js";
import { siteOf } from "../support/files.js";
import { Browser } from "./browser.js";
import { type AppWindow, type Outcomes, appPage } from "./page.js";

declare const window: AppWindow;

const RELOADS = 20;

let browser: Browser;
let backend: Backend;
let countersign: Countersign;
let clientId = "";

beforeAll(async () => {
  backend = await Backend.start(siteOf(() => appPage(clientId)));
  countersign = await startCountersign(backend.origin);
  clientId = await createClient(countersign, [backend.origin]);
  backend.connect(countersign, clientId, countersign.listenerUrl);
});

// A profile of its own each: a device that several users share is another matter.
beforeEach(async () => {
  browser = await Browser.start();
});

afterEach(() => browser?.stop());

afterAll(async () => {
  await countersign?.stop();
  await backend?.stop();
});

const open = async (): Promise<Page> => {
  const page = await browser.open(backend.origin);
  await loaded(page);
  return page;
};

const loaded = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => window.loaded !== undefined);
  await page.evaluate(() => window.loaded);
};

const login = (page: Page, user: string) =>
  page.evaluate(async (name) => {
    window.session = await window.device.login({ user: name, password: "right" });
    return window.session.details();
  }, user);

const details = (page: Page) => page.evaluate(() => window.session.details());

const callApi = (page: Page) => page.evaluate(async () => (await window.session.fetch("/api/x", { method: "POST", body: "b" })).status);

const devices = (page: Page) => page.evaluate(() => window.session.ownDevicesPage());

const outcomes = async (page: Page): Promise<Outcomes> => JSON.parse(await page.evaluate(() => sessionStorage["outcomes"]));

/** What the browser keeps for the app: its key's behaviour, and the session's text. */
const kept = (page: Page) =>
  page.evaluate(async (id) => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open("countersign");
      request.onsuccess = () => resolve(request.result);
    });
    const get = (name: string) =>
      new Promise((resolve) => {
        const request = database.transaction("records").objectStore("records").get(`${id}/${name}`);
        request.onsuccess = () => resolve(request.result);
      });
    const { privateKey, publicKey } = (await get("key")) as CryptoKeyPair;
    const session = await get("session");
    database.close();
    const refusals = ["jwk", "pkcs8"].map((format) =>
      crypto.subtle.exportKey(format as "jwk", privateKey).then(
        () => "exported",
        ({ name }: Error) => name,
      ),
    );
    const { x } = await crypto.subtle.exportKey("jwk", publicKey);
    return { extractable: privateKey.extractable, refusals: await Promise.all(refusals), x, session: String(session) };
  }, clientId);

test("the key cannot be taken out and survives a restart of the browser", async () => {
  const page = await open();
  const before = await login(page, "alice");
  expect(await callApi(page)).toBe(200);
  const { x, ...key } = await kept(page);
  expect(key).toMatchObject({ extractable: false, refusals: ["InvalidAccessError", "InvalidAccessError"] });

  await browser.restart();
  const again = await open();
  expect(await details(again)).toMatchObject({ session_id: before.session_id, device_id: before.device_id });
  expect(await callApi(again)).toBe(200);
  expect((await kept(again)).x).toBe(x);
  await again.close();
});

test("what the browser keeps is worth nothing elsewhere", async () => {
  const page = await open();
  await login(page, "mallory");
  const { record } = JSON.parse((await kept(page)).session);
  const { access_token: token, refresh_token, user_id } = record.registered;
  expect(token).toMatch(/^ey/);
  for (const scheme of ["DPoP", "Bearer"]) {
    const stolen = await fetch(`${backend.origin}/api/x`, { headers: { Authorization: `${scheme} ${token}` } });
    expect(stolen.status).toBe(401);
  }
  const body = JSON.stringify({ refresh_token, user_id, device: { installation_id: record.registered.installation_id } });
  const refreshed = await fetch(`${backend.origin}/refresh`, { method: "POST", body });
  expect(refreshed.status).toBeGreaterThanOrEqual(400);
  expect(await callApi(page)).toBe(200);
  await page.close();
});

test("two tabs that refresh at once make one refresh", async () => {
  const tabs = [await open(), await open()];
  await login(tabs[0] as Page, "bob");
  await Promise.all(tabs.map((page) => page.reload().then(() => loaded(page))));
  const before = backend.refreshes.length;
  backend.refreshDelayMs = 500;
  await Promise.all(tabs.map((page) => page.evaluate(() => window.session.refresh())));
  backend.refreshDelayMs = 0;
  expect(backend.refreshes.slice(before)).toEqual([200]);
  expect(await Promise.all(tabs.map(callApi))).toEqual([200, 200]);
  await Promise.all(tabs.map((page) => page.close()));
});

test(`two tabs, ${RELOADS} reloads each, refreshes racing: nobody is signed out`, async () => {
  const tabs = [await open(), await open()];
  await login(tabs[0] as Page, "carol");
  await Promise.all(tabs.map((page) => page.evaluate(() => sessionStorage.clear())));
  const before = backend.refreshes.length;
  backend.refreshDelayMs = 30;
  await Promise.all(tabs.map((page, index) => reloadOften(page, index)));
  await Promise.all(tabs.map(loaded));
  backend.refreshDelayMs = 0;
  const results = await Promise.all(tabs.map(outcomes));
  console.log("reloads", JSON.stringify({ results, refreshes: backend.refreshes.length - before }));
  for (const { begun, done = 0, ...others } of results) {
    expect(begun).toBe(RELOADS);
    // A load that the next one interrupts leaves nothing; whatever was finished went well.
    expect(others).toEqual({});
    expect(done).toBeGreaterThanOrEqual(2);
  }
  expect(backend.refreshes.slice(before).filter((status) => status !== 200)).toEqual([]);
  expect(await Promise.all(tabs.map(callApi))).toEqual([200, 200]);
  await Promise.all(tabs.map((page) => page.close()));
});

/** Reloads at moments that differ from load to load, before, while and after it refreshes. */
async function reloadOften(page: Page, index: number): Promise<void> {
  for (let reload = 0; reload < RELOADS; reload += 1) {
    await page.reload({ waitUntil: "load" });
    await page.waitForFunction(() => window.loaded !== undefined);
    await page.waitForTimeout(((reload * 37 + index * 53) % 10) * 25);
  }
}

test("a body is kept when the server wants a nonce first", async () => {
  const usual = clientId;
  clientId = await createClient(countersign, [backend.origin], { nonce_policy: "always" });
  backend.connect(countersign, clientId, countersign.listenerUrl);
  const page = await open();
  await login(page, "ivan");
  for (const kind of ["text", "blob", "form", "request"] as const) {
    const before = backend.answers.length;
    const sent = await page.evaluate(async (how) => {
      const form = new FormData();
      form.set("name", "kept");
      const body = { text: "kept", blob: new Blob(["kept"]), form, request: "kept" }[how];
      const init = { method: "PUT", body };
      // It knows no nonce yet.
      const session = await window.anotherDevice().resume();
      const call = how === "request" ? session?.fetch(new Request("/api/x", init)) : session?.fetch("/api/x", init);
      return (await call)?.json();
    }, kind);
    expect(sent.body, kind).toContain("kept");
    expect(backend.answers.slice(before), kind).toEqual([401, 200]);
  }
  await page.close();
  clientId = usual;
  backend.connect(countersign, clientId, countersign.listenerUrl);
});

test("a remote logout is told in every tab", async () => {
  const tabs = [await open(), await open()] as [Page, Page];
  const { device_id: deviceId } = await login(tabs[0], "dave");
  await asBackend(countersign, "POST", `/v1/users/dave/devices/${deviceId}/logout`);
  const refused = await tabs[0].evaluate(() => window.session.fetch("/api/x").catch(({ kind, code }) => [kind, code]));
  expect(refused).toEqual(["session_ended", "session_ended"]);
  await expect.poll(() => tabs[1].evaluate(() => window.heard)).toContain("ended session_ended");
  await Promise.all(tabs.map((page) => page.close()));
});

test("after IndexedDB was cleared, a login leads back to the same device", async () => {
  const page = await open();
  const before = await login(page, "erin");
  const { x } = await kept(page);
  await browser.clear(page, "indexeddb");
  const reason = await page.evaluate(() => window.session.fetch("/api/x").catch((error) => error.reason));
  expect(reason).toBe("key_lost");
  await page.reload();
  await loaded(page);
  const state = await page.evaluate(async () => {
    const found = await window.device.signInState();
    return found.status === "login_required" ? found.error.reason : found.status;
  });
  expect(state).toBe("key_lost");
  const after = await login(page, "erin");
  expect(after).toMatchObject({ device_id: before.device_id, is_new_device: false, trust: "unknown" });
  expect((await kept(page)).x).not.toBe(x);
  expect(await devices(page)).toMatchObject({ active_sessions: 1, limit: { used: 1 } });
  expect(await callApi(page)).toBe(200);
  await page.close();
});

test("a device that two users share is not taken over by a lost key", async () => {
  const page = await open();
  const shared = await login(page, "grace");
  expect((await login(page, "heidi")).device_id).toBe(shared.device_id);
  await browser.clear(page, "indexeddb");
  await page.reload();
  await loaded(page);
  expect((await login(page, "heidi")).device_id).not.toBe(shared.device_id);
  expect(await callApi(page)).toBe(200);
  await page.close();
});

test("after everything was cleared, a login makes a new device beside the old one", async () => {
  const page = await open();
  const before = await login(page, "frank");
  await browser.clear(page, "all");
  await page.reload();
  await loaded(page);
  const after = await login(page, "frank");
  expect(after.is_new_device).toBe(true);
  expect(after.device_id).not.toBe(before.device_id);
  expect(await devices(page)).toMatchObject({ active_sessions: 2, limit: { used: 2 } });
  await page.close();
});

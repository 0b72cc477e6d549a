import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Device, type LoginBody, MemoryStore, type Session, createDevice } from "../../src/index.js";
import { Backend } from "../support/backend.js";
import { type Countersign, asBackend, createClient, startCountersign } from "../support/countersign.js";
import { MemoryKeys } from "../unit/setting.js";

let countersign: Countersign;
let backend: Backend;
let clientId: string;

beforeAll(async () => {
  countersign = await startCountersign();
  backend = await Backend.start();
  clientId = await createClient(countersign, [backend.origin]);
  backend.connect(countersign, clientId);
});

afterAll(async () => {
  await backend?.stop();
  await countersign?.stop();
});

interface Browser {
  store: MemoryStore;
  keys: MemoryKeys;
}

let browser: Browser;

beforeEach(() => {
  browser = { store: new MemoryStore(), keys: new MemoryKeys() };
});

function tab({ store, keys }: Browser = browser, more: object = {}): Device<LoginBody> {
  const urls = { loginUrl: `${backend.origin}/login`, refreshUrl: `${backend.origin}/refresh` };
  const common = { clientId, issuer: countersign.publicUrl, origins: [backend.origin], store, keys };
  return createDevice({ door: "relayed", ...urls, ...common, ...more });
}

const login = (user: string, where?: Browser): Promise<Session> => tab(where).login({ user, password: "right" });

const otherBrowser = (): Browser => ({ store: new MemoryStore(), keys: new MemoryKeys() });

async function devicesOf(session: Session): Promise<string[]> {
  const found: string[] = [];
  for await (const { device_id } of session.ownDevices({ limit: 1 })) {
    found.push(device_id);
  }
  return found;
}

test("a wrong password is the app's own affair", async () => {
  const refused = tab().login({ user: "w", password: "wrong" });
  await expect(refused).rejects.toMatchObject({ kind: "unexpected_answer", status: 401, body: { error: "wrong password" } });
});

test("a login, a call of the app's API and a refresh", async () => {
  const session = await login("alice");
  const details = await session.details();
  const call = () => session.fetch(`${backend.origin}/api/x?q=1`, { method: "POST", body: "kept" });
  expect(await (await call()).json()).toEqual({ user: "alice", device: details.device_id, body: "kept" });
  await session.refresh();
  expect((await session.details()).session_id).toBe(details.session_id);
  expect((await call()).status).toBe(200);
});

test("a token without the key is worth nothing", async () => {
  const session = await login("bob");
  const headers = await session.authorize("GET", `${backend.origin}/api/x`);
  const stolen = await fetch(`${backend.origin}/api/x`, { headers: { Authorization: headers["Authorization"] ?? "" } });
  expect([stolen.status, await stolen.json()]).toMatchObject([401, { code: "proof_required" }]);
  // All that the store holds, in another browser with a key of its own.
  const thief = { store: browser.store, keys: new MemoryKeys() };
  await thief.keys.generate();
  await expect(tab(thief).signInState()).resolves.toMatchObject({ error: { reason: "key_lost" } });
});

test("the list of devices, a name, and the end of one and of the others", async () => {
  const [one, two, three] = [await login("carol"), await login("carol", otherBrowser()), await login("carol", otherBrowser())];
  const ids = await devicesOf(one);
  expect(ids).toHaveLength(3);
  const { device_id: second } = await two.details();
  expect((await one.renameDevice(second, "The second")).name).toBe("The second");
  expect(await one.removeDevice(second)).toEqual({ ended: 1 });
  await expect(two.fetch(`${backend.origin}/api/x`)).rejects.toMatchObject({ kind: "session_ended", code: "device_removed" });
  expect(await one.endOtherSessions()).toEqual({ ended: 1 });
  await expect(three.ownDevicesPage()).rejects.toMatchObject({ kind: "session_ended", code: "session_ended" });
  expect(await one.ownDevicesPage()).toMatchObject({ active_sessions: 1, limit: { used: 2 } });
  await expect(one.logOutDevice("dev_01m80yj58kf7hvjn103g1dq6x1")).rejects.toMatchObject({ code: "not_found" });
});

test("i7: a lost answer to a refresh costs nothing", async () => {
  const session = await login("dave");
  const before = backend.refreshes.length;
  backend.answersToLose = 2;
  await session.refresh();
  expect(backend.refreshes.slice(before)).toEqual([0, 0, 200]);
  expect((await session.fetch(`${backend.origin}/api/x`)).status).toBe(200);
  // The page is gone before the answer comes: the next one has the old token only.
  backend.answersToLose = 4;
  await expect(session.refresh()).rejects.toMatchObject({ kind: "transport" });
  const next = await tab().resume();
  await next?.refresh();
  expect((await next?.fetch(`${backend.origin}/api/x`))?.status).toBe(200);
});

test("a remote logout is seen as ended in every tab", async () => {
  const [one, two] = [tab(), tab()];
  const heard: string[] = [];
  two.on("ended", ({ code }) => heard.push(code));
  const session = await one.login({ user: "erin", password: "right" });
  const { device_id: deviceId } = await session.details();
  await asBackend(countersign, "POST", `/v1/users/erin/devices/${deviceId}/logout`);
  await expect(session.fetch(`${backend.origin}/api/x`)).rejects.toMatchObject({ kind: "session_ended", code: "session_ended" });
  await expect.poll(() => heard).toEqual(["session_ended"]);
  expect(await two.resume()).toBeUndefined();
  const again = await two.login({ user: "erin", password: "right" });
  expect((await again.details()).device_id).toBe(deviceId);
});

test("a remote logout is seen by a refresh", async () => {
  const session = await login("frank");
  await asBackend(countersign, "POST", "/v1/users/frank/disable");
  await expect(session.refresh()).rejects.toMatchObject({ kind: "session_ended" });
});

test("a lost key comes back to the same device after a login", async () => {
  const first = await (await login("grace")).details();
  browser.keys.pair = undefined;
  await expect(tab().signInState()).resolves.toMatchObject({ error: { reason: "key_lost" } });
  const session = await login("grace");
  const second = await session.details();
  expect(second).toMatchObject({ device_id: first.device_id, trust: "unknown", is_new_device: false });
  expect(second.app_id).not.toBe(first.app_id);
  expect(await session.ownDevicesPage()).toMatchObject({ active_sessions: 1, limit: { used: 1 } });
});

test("storage that was lost altogether makes a new device", async () => {
  await login("heidi");
  const session = await login("heidi", otherBrowser());
  expect(await session.ownDevicesPage()).toMatchObject({ active_sessions: 2, limit: { used: 2 } });
});

test("a key that was given up is replaced by a login", async () => {
  const first = { store: browser.store, keys: browser.keys };
  await login("ivan", first);
  const old = first.keys.pair;
  first.keys.pair = undefined;
  await login("ivan", first);
  // As from a backup of the browser's profile.
  first.keys.pair = old;
  const session = await login("ivan", first);
  expect((await session.fetch(`${backend.origin}/api/x`)).status).toBe(200);
  expect(await session.ownDevicesPage()).toMatchObject({ limit: { used: 1 } });
});

test.each([-400_000, 400_000])("a clock that is %i ms wrong is corrected", async (wrongMs) => {
  const platform = { now: () => Date.now() + wrongMs };
  const session = await tab(browser, { platform }).login({ user: "judy", password: "right" });
  await session.refresh();
  expect((await session.fetch(`${backend.origin}/api/x`)).status).toBe(200);
});

test("a client that always wants nonces gets them", async () => {
  const strict = await createClient(countersign, [backend.origin], { nonce_policy: "always" });
  backend.connect(countersign, strict);
  try {
    const session = await tab(browser, { clientId: strict }).login({ user: "ken", password: "right" });
    await session.refresh();
    expect((await session.fetch(`${backend.origin}/api/x`, { method: "PUT", body: "kept" })).status).toBe(200);
    expect(await devicesOf(session)).toHaveLength(1);
  } finally {
    backend.connect(countersign, clientId);
  }
});

test("a logout ends the session at the server", async () => {
  const session = await login("leo");
  const headers = await session.authorize("GET", `${backend.origin}/api/x`);
  await session.logout();
  const late = await fetch(`${backend.origin}/api/x`, { headers });
  expect([late.status, await late.json()]).toMatchObject([401, { code: "session_ended" }]);
});

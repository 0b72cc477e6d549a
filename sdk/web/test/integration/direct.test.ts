import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Device, type IdToken, MemoryStore, createDevice } from "../../src/index.js";
import { type Countersign, asBackend, createClient, startCountersign } from "../support/countersign.js";
import { Issuer } from "../support/issuer.js";
import { MemoryKeys } from "../unit/setting.js";

const AUDIENCE = "app";

let countersign: Countersign;
let issuer: Issuer;
let clientId: string;
let store: MemoryStore;
let keys: MemoryKeys;

beforeAll(async () => {
  countersign = await startCountersign();
  issuer = await Issuer.start();
  const trusted = { issuer: issuer.url, audiences: [AUDIENCE], nonce: "key" };
  clientId = await createClient(countersign, ["https://app.example"], { issuers: [trusted] });
});

afterAll(async () => {
  await countersign?.stop();
  await issuer?.stop();
});

beforeEach(() => {
  store = new MemoryStore();
  keys = new MemoryKeys();
});

/** Loses the next answers, after the server gave them. */
function losing(count: { left: number }): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (count.left > 0) {
      count.left -= 1;
      throw new TypeError("connection reset");
    }
    return response;
  };
}

function tab(count = { left: 0 }): Device<IdToken> {
  const common = { clientId, issuer: countersign.publicUrl, origins: [countersign.publicUrl], store, keys };
  return createDevice({ door: "direct", ...common, device: { name: "Node" }, platform: { fetch: losing(count) } });
}

async function login(device: Device<IdToken>, user: string) {
  const nonce = await device.keyThumbprint();
  return device.login({ idToken: issuer.idToken(user, AUDIENCE, nonce), nonce });
}

test("an ID token logs in, and the session is refreshed and used", async () => {
  const session = await login(tab(), "alice");
  const { session_id: before } = await session.details();
  await session.refresh();
  expect((await session.details()).session_id).toBe(before);
  const page = await session.ownDevicesPage();
  expect(page.data).toMatchObject([{ name: "Node", is_current: true, key_bound: true }]);
  expect((await session.fetch(`${countersign.publicUrl}/v1/me/devices`)).status).toBe(200);
});

test("i7: a lost answer to a login or a refresh costs nothing", async () => {
  const count = { left: 0 };
  const device = tab(count);
  const nonce = await device.keyThumbprint();
  const idToken = issuer.idToken("bob", AUDIENCE, nonce);
  count.left = 1;
  await expect(device.login({ idToken, nonce })).rejects.toMatchObject({ kind: "transport" });
  const session = await device.login({ idToken, nonce });
  count.left = 2;
  await session.refresh();
  await session.refresh();
  expect(await session.ownDevicesPage()).toMatchObject({ active_sessions: 1, limit: { used: 1 } });
});

test("an ID token that is bound to another key is refused", async () => {
  const idToken = issuer.idToken("carol", AUDIENCE, await tab().keyThumbprint());
  store = new MemoryStore();
  keys = new MemoryKeys();
  await expect(tab().login({ idToken })).rejects.toMatchObject({ status: 400 });
});

test("a remote logout is seen by a refresh and by a call", async () => {
  for (const act of ["refresh", "ownDevicesPage"] as const) {
    const session = await login(tab(), "dave");
    const { device_id: id } = await session.details();
    await asBackend(countersign, "POST", `/v1/users/dave/devices/${id}/logout`);
    await expect(session[act]()).rejects.toMatchObject({ kind: "session_ended", code: "session_ended" });
  }
});

test("a lost key comes back to the same device after a login", async () => {
  const first = await (await login(tab(), "erin")).details();
  keys.pair = undefined;
  await expect(tab().signInState()).resolves.toMatchObject({ error: { reason: "key_lost" } });
  const session = await login(tab(), "erin");
  expect(await session.details()).toMatchObject({ device_id: first.device_id, trust: "unknown", is_new_device: false });
});

test("a logout ends the session", async () => {
  const device = tab();
  const session = await login(device, "frank");
  await session.logout();
  expect(await device.resume()).toBeUndefined();
});

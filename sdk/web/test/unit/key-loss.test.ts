import { beforeEach, expect, test } from "vitest";
import type { Device } from "../../src/device.js";
import type { LoginBody } from "../../src/doors.js";
import type { Session } from "../../src/session.js";
import { MemoryStore } from "../../src/store.js";
import { API, LIFETIME_S, problem } from "./fake-server.js";
import { Setting } from "./setting.js";

let setting: Setting;
let tab: Device<LoginBody>;
let session: Session;

beforeEach(async () => {
  setting = new Setting();
  tab = setting.tab();
  session = await tab.login({ user: "alice" });
});

/** Logs in again and checks that it is the same device with another key. */
async function expectSameDevice(): Promise<void> {
  const again = await tab.login({ user: "alice" });
  expect(setting.keys.generated).toBe(2);
  expect([...setting.server.devices.values()].map(({ id }) => id)).toEqual(["dev_1"]);
  expect((await again.fetch(`${API}/x`)).status).toBe(200);
  expect((await session.fetch(`${API}/x`)).status).toBe(200);
}

test("a key that is gone at the next start asks for a login, which mends it", async () => {
  setting.keys.pair = undefined;
  tab = setting.tab();
  const reasons: string[] = [];
  tab.on("login_required", ({ reason }) => reasons.push(reason));
  await expect(tab.signInState()).resolves.toMatchObject({ status: "login_required", error: { reason: "key_lost" } });
  expect(reasons).toEqual(["key_lost"]);
  expect(await setting.store.get("session")).not.toContain("csrt_");
  await expectSameDevice();
});

test("a key store that cannot be read is a lost key", async () => {
  setting.keys.failing = new DOMException("closing", "InvalidStateError");
  tab = setting.tab();
  const resumed = tab.resume();
  await expect(resumed).resolves.toBeUndefined();
  await expectSameDevice();
});

test("a key of another session is a lost key", async () => {
  await setting.keys.generate();
  setting.keys.generated = 1;
  tab = setting.tab();
  await expect(tab.signInState()).resolves.toMatchObject({ error: { reason: "key_lost" } });
});

test("a key that vanishes under the page is noticed by the next request that needs it", async () => {
  const other = await setting.tab().resume();
  setting.keys.pair = undefined;
  const late = setting.tab();
  await expect(late.resume()).resolves.toBeUndefined();
  await expect(other?.fetch(`${API}/x`)).rejects.toMatchObject({ reason: "key_lost" });
  await expectSameDevice();
});

test("a refresh that the server wants by another key asks for a login", async () => {
  setting.clock.now += LIFETIME_S * 1_000;
  setting.server.before = ({ url }) => (url.pathname === "/refresh" ? problem(401, "key_mismatch") : undefined);
  await expect(session.fetch(`${API}/x`)).rejects.toMatchObject({ reason: "key_lost" });
});

test("storage that was emptied but for the installation id leads to the same device", async () => {
  const installation = (await setting.store.get("installation")) ?? "";
  setting.store = new MemoryStore();
  await setting.store.set("installation", installation);
  setting.keys.pair = undefined;
  tab = setting.tab();
  await expect(tab.signInState()).resolves.toMatchObject({ error: { reason: "key_lost" } });
  session = await tab.login({ user: "alice" });
  await expectSameDevice();
});

test("storage that was emptied altogether makes a new device", async () => {
  setting.store = new MemoryStore();
  setting.keys.pair = undefined;
  tab = setting.tab();
  await expect(tab.signInState()).resolves.toMatchObject({ error: { reason: "no_session" } });
  const again = await tab.login({ user: "alice" });
  expect(setting.server.devices.size).toBe(2);
  expect((await again.fetch(`${API}/x`)).status).toBe(200);
});

test("an installation id that the app recalls leads to the same device", async () => {
  const installationId = await tab.installationId();
  setting.store = new MemoryStore();
  setting.keys.pair = undefined;
  tab = setting.tab({ recallInstallationId: async () => installationId });
  await tab.login({ user: "alice" });
  expect(setting.server.devices.size).toBe(1);
});

test("storage that is emptied under the page asks for a login", async () => {
  await setting.store.set("session", "");
  await expect(session.fetch(`${API}/x`)).rejects.toMatchObject({ kind: "login_required", reason: "key_lost" });
});

test("storage that is emptied altogether under the page does too", async () => {
  await setting.store.set("session", "");
  await setting.store.set("installation", "");
  await expect(session.fetch(`${API}/x`)).rejects.toMatchObject({ kind: "login_required", reason: "key_lost" });
});

test.each(["", "x", "null", '{"version":2,"record":{"kind":"live"}}', '{"version":1,"record":{"kind":"live"}}'])(
  "a record that cannot be read counts as absent: %s",
  async (text) => {
    await setting.store.set("session", text);
    await expect(setting.tab().resume()).resolves.toBeUndefined();
  },
);

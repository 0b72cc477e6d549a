import { beforeEach, describe, expect, test } from "vitest";
import type { Device } from "../../src/device.js";
import type { LoginBody } from "../../src/doors.js";
import { LoginRequiredError, SessionEndedError, TransportError } from "../../src/errors.js";
import type { Session } from "../../src/session.js";
import { API, ISSUER, LIFETIME_S, problem } from "./fake-server.js";
import { Setting } from "./setting.js";

let setting: Setting;
let tabs: Device<LoginBody>[];
let session: Session;
let heard: string[];

beforeEach(async () => {
  setting = new Setting();
  tabs = [setting.tab(), setting.tab(), setting.tab()];
  heard = [];
  tabs.forEach((tab, index) => {
    tab.on("ended", ({ code }) => heard.push(`${index} ended ${code}`));
    tab.on("login_required", ({ reason }) => heard.push(`${index} login_required ${reason}`));
  });
  session = await (tabs[0] as Device<LoginBody>).login({ user: "alice" });
});

const END_CODES = [
  "session_ended",
  "session_expired",
  "client_ended",
  "client_disabled",
  "refresh_invalid",
  "refresh_reused",
  "user_disabled",
  "device_removed",
  "device_revoked",
  "device_banned",
  "key_retired",
];

describe("a remote ending", () => {
  test.each(END_CODES)("as %s is seen by a request and told in every tab, once", async (code) => {
    setting.server.session.ended = code;
    setting.server.before = ({ url }) => (url.origin === API ? problem(401, code) : undefined);
    const calls = await Promise.allSettled([session.fetch(`${API}/x`), session.fetch(`${API}/y`)]);
    expect(calls.map((call) => call.status === "rejected" && call.reason)).toEqual([
      new SessionEndedError(code as never),
      new SessionEndedError(code as never),
    ]);
    expect(heard).toEqual([`0 ended ${code}`, `1 ended ${code}`, `2 ended ${code}`].sort(byTeller));
    expect(setting.server.at("/refresh")).toHaveLength(0);
    expect(await setting.store.get("session")).not.toContain("at_");
    expect(await setting.store.get("session")).not.toContain("csrt_");
  });

  test.each(END_CODES)("as %s is seen by a refresh", async (code) => {
    setting.clock.now += LIFETIME_S * 1_000;
    setting.server.before = ({ url }) => (url.pathname === "/refresh" ? problem(401, code) : undefined);
    await expect(session.fetch(`${API}/x`)).rejects.toMatchObject({ kind: "session_ended", code });
    expect(heard).toHaveLength(3);
    expect(setting.server.at("/refresh")).toHaveLength(1);
  });

  test("is known in tabs that heard nothing, and after a reload", async () => {
    const other = await tabs[1]?.resume();
    tabs[1]?.close();
    setting.server.session.ended = "device_removed";
    await expect(session.fetch(`${API}/x`)).rejects.toBeInstanceOf(SessionEndedError);
    const before = setting.server.arrived.length;
    await expect(other?.fetch(`${API}/x`)).rejects.toMatchObject({ code: "device_removed" });
    await expect(setting.tab().signInState()).resolves.toMatchObject({ status: "ended", error: { code: "device_removed" } });
    expect(setting.server.arrived).toHaveLength(before);
  });

  test("is over with the next login", async () => {
    setting.server.session.ended = "session_ended";
    await expect(session.fetch(`${API}/x`)).rejects.toBeInstanceOf(SessionEndedError);
    await tabs[2]?.login({ user: "alice" });
    expect((await session.fetch(`${API}/x`)).status).toBe(200);
  });

  test("as a revoked device comes back with a new key", async () => {
    setting.server.session.ended = "device_revoked";
    await expect(session.fetch(`${API}/x`)).rejects.toBeInstanceOf(SessionEndedError);
    await tabs[0]?.login({ user: "alice" });
    expect(setting.keys.generated).toBe(2);
  });

  test("that a login of another tab caused goes unnoticed", async () => {
    const other = await tabs[1]?.resume();
    let isFirst = true;
    setting.server.before = async ({ url }) => {
      if (url.pathname === "/x" && isFirst) {
        isFirst = false;
        await tabs[0]?.login({ user: "alice" });
      }
      return undefined;
    };
    expect((await other?.fetch(`${API}/x`))?.status).toBe(200);
    expect(heard).toEqual([]);
  });

  test("of an old session does not end the new one, nor its key", async () => {
    const other = await tabs[1]?.resume();
    let isFirst = true;
    setting.server.before = async ({ url }) => {
      if (url.pathname !== "/x" || !isFirst) {
        return undefined;
      }
      isFirst = false;
      await tabs[0]?.login({ user: "alice" });
      return problem(403, "key_retired");
    };
    expect((await other?.fetch(`${API}/x`))?.status).toBe(200);
    expect(setting.keys.generated).toBe(1);
    expect(setting.keys.pair).toBeDefined();
  });

  test.each([400, 401, 403])("is not what the app's API says of something else with %i", async (status) => {
    setting.server.before = ({ url }) =>
      url.origin === API ? Response.json({ code: "session_expired" }, { status, headers: { "DPoP-Nonce": "n" } }) : undefined;
    const response = await session.fetch(`${API}/x`);
    expect([response.status, await response.json()]).toEqual([status, { code: "session_expired" }]);
    expect(setting.server.at("/refresh")).toHaveLength(status === 400 ? 0 : 1);
    expect(heard).toEqual([]);
    setting.server.before = () => undefined;
    expect((await session.fetch(`${API}/x`)).status).toBe(200);
  });

  test("is found out when a backend hands on the code alone", async () => {
    setting.server.session.ended = "device_removed";
    setting.server.before = ({ url }) =>
      url.origin === API ? Response.json({ code: "device_removed" }, { status: 401 }) : undefined;
    await expect(session.fetch(`${API}/x`)).rejects.toMatchObject({ kind: "session_ended", code: "device_removed" });
  });

  test("is not what a suspended device is", async () => {
    setting.server.before = ({ url }) => (url.origin === API ? problem(403, "device_suspended") : undefined);
    expect((await session.fetch(`${API}/x`)).status).toBe(403);
    expect(heard).toEqual([]);
  });
});

describe("a logout", () => {
  test("ends the session at the server and in every tab", async () => {
    await session.logout();
    expect(setting.server.at("/v1/logout")[0]?.url.origin).toBe(ISSUER);
    expect(heard).toHaveLength(3);
    expect(new Set(heard.map((text) => text.slice(2)))).toEqual(new Set(["login_required logged_out"]));
    await expect(session.fetch(`${API}/x`)).rejects.toMatchObject({ reason: "logged_out" });
    await expect(session.fetch(`${API}/x`)).rejects.toBeInstanceOf(LoginRequiredError);
    await session.logout();
    expect(setting.server.at("/v1/logout")).toHaveLength(1);
  });

  test("is fine if the session was over", async () => {
    setting.server.session.ended = "session_ended";
    await session.logout();
    expect(await tabs[0]?.resume()).toBeUndefined();
  });

  test("without an answer keeps the session, so that it can be tried again", async () => {
    setting.server.before = () => {
      throw new TypeError("offline");
    };
    await expect(session.logout()).rejects.toBeInstanceOf(TransportError);
    setting.server.before = () => undefined;
    expect((await session.fetch(`${API}/x`)).status).toBe(200);
    await session.logout();
    expect(setting.server.session.ended).toBe("session_ended");
  });

  test("may do without the server", async () => {
    const before = setting.server.arrived.length;
    await tabs[1]?.forget();
    await expect(session.fetch(`${API}/x`)).rejects.toMatchObject({ reason: "logged_out" });
    expect(setting.server.arrived).toHaveLength(before);
  });
});

test("a listener that was taken away hears nothing", async () => {
  const texts: string[] = [];
  const stop = tabs[0]?.on("login_required", ({ reason }) => texts.push(reason));
  stop?.();
  await session.logout();
  expect(texts).toEqual([]);
});

/** The tab that finds out tells the others first. */
function byTeller(one: string, other: string): number {
  return Number(one.startsWith("0")) - Number(other.startsWith("0"));
}

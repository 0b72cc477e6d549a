import { beforeEach, expect, test } from "vitest";
import type { DeviceItem } from "../../src/api.js";
import type { Session } from "../../src/session.js";
import { ISSUER, problem } from "./fake-server.js";
import { Setting } from "./setting.js";

let setting: Setting;
let session: Session;

beforeEach(async () => {
  setting = new Setting();
  session = await setting.tab({ issuer: `${ISSUER}/base/` }).login({ user: "alice" });
});

/** Answers the list with these pages, by cursor. */
function servePages(pages: Record<string, { ids: string[]; next?: string }>): void {
  setting.server.before = ({ url }) => {
    const page = pages[url.searchParams.get("cursor") ?? ""];
    const data = page?.ids.map((device_id) => ({ device_id }));
    const has_more = page?.next !== undefined;
    return Response.json({ data, has_more, next_cursor: page?.next, active_sessions: 1, limit: { used: 1 } });
  };
}

async function ids(devices: AsyncIterable<DeviceItem>): Promise<string[]> {
  const found: string[] = [];
  for await (const { device_id } of devices) {
    found.push(device_id);
  }
  return found;
}

test("the list goes from page to page, over an empty one, to the end", async () => {
  servePages({ "": { ids: ["a", "b"], next: "1" }, 1: { ids: [], next: "2" }, 2: { ids: ["c"] } });
  expect(await ids(session.ownDevices({ state: "past" }))).toEqual(["a", "b", "c"]);
  const queries = setting.server.at("/base/v1/me/devices").map(({ url }) => url.search);
  expect(queries).toEqual(["", "&cursor=1", "&cursor=2"].map((cursor) => `?limit=100&state=past${cursor}`));
});

test("the list asks for no page that nobody wants", async () => {
  servePages({ "": { ids: ["a", "b"], next: "1" } });
  for await (const { device_id } of session.ownDevices()) {
    expect(device_id).toBe("a");
    break;
  }
  expect(setting.server.at("/base/v1/me/devices")).toHaveLength(1);
});

test("a cursor that repeats ends the list", async () => {
  servePages({ "": { ids: ["a"], next: "1" }, 1: { ids: ["b"], next: "1" } });
  expect(await ids(session.ownDevices())).toEqual(["a", "b"]);
});

test.each([
  ["renameDevice", () => session.renameDevice("dev_1", "Work"), "PATCH", "/v1/me/devices/dev_1", '{"name":"Work"}'],
  ["removeDevice", () => session.removeDevice("dev_1"), "DELETE", "/v1/me/devices/dev_1", ""],
  ["logOutDevice", () => session.logOutDevice("dev_1"), "POST", "/v1/me/devices/dev_1/logout", ""],
  ["endOtherSessions", () => session.endOtherSessions(), "POST", "/v1/me/sessions/end-others", ""],
])("%s calls its operation", async (_name, call, method, path, body) => {
  await call();
  const arrived = setting.server.arrived.at(-1);
  expect(arrived).toMatchObject({ method, body });
  expect(arrived?.url.href).toBe(`${ISSUER}/base${path}`);
});

test.each(["a/b", "../x", "a?b", "a#b", "%2e%2e"])("an id cannot name another resource: %s", async (id) => {
  setting.server.before = () => problem(404, "not_found");
  await expect(session.logOutDevice(id)).rejects.toMatchObject({ kind: "refused", code: "not_found", status: 404 });
  expect(setting.server.arrived.at(-1)?.url.pathname).toMatch(/^\/base\/v1\/me\/devices\/[^/]+\/logout$/);
});

test.each(["", ".", ".."])("what no URL can hold is not sent: %j", async (id) => {
  const before = setting.server.arrived.length;
  await expect(session.removeDevice(id)).rejects.toBeInstanceOf(TypeError);
  expect(setting.server.arrived).toHaveLength(before);
});

test("details tell of the session, not its tokens", async () => {
  const details = await session.details();
  expect(details).toMatchObject({ session_id: "ses_1", device_id: "dev_1", trust: "unknown", is_new_device: true });
  expect(JSON.stringify(details)).not.toMatch(/csrt_|at_/);
});

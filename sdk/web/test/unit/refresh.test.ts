import { beforeEach, describe, expect, test } from "vitest";
import type { Device } from "../../src/device.js";
import type { LoginBody } from "../../src/doors.js";
import { RefusedError, TransportError } from "../../src/errors.js";
import type { RecordName } from "../../src/store.js";
import { MemoryStore } from "../../src/store.js";
import type { Session } from "../../src/session.js";
import { API, LIFETIME_S, problem } from "./fake-server.js";
import { NO_LOCKS, Setting } from "./setting.js";

let setting: Setting;
let tab: Device<LoginBody>;
let session: Session;

beforeEach(async () => {
  setting = new Setting();
  tab = setting.tab();
  session = await tab.login({ user: "alice" });
});

const refreshes = () => setting.server.at("/refresh");

/** Loses the answers to the next `count` refreshes, after they were done. */
function loseAnswers(count: number): void {
  let left = count;
  setting.server.after = ({ url }) => {
    if (url.pathname === "/refresh" && left > 0) {
      left -= 1;
      throw new TypeError("connection reset");
    }
  };
}

test("sends the refresh token, the user and the device", async () => {
  await session.refresh();
  expect(JSON.parse(refreshes()[0]?.body ?? "")).toEqual({
    refresh_token: "csrt_1",
    user_id: "alice",
    device: { installation_id: await tab.installationId() },
  });
  expect((await session.fetch(`${API}/x`)).status).toBe(200);
});

describe("i7: a lost answer", () => {
  test.each([1, 2, 3])("or %i in a row is retried with the same token and a fresh proof", async (count) => {
    loseAnswers(count);
    await session.refresh();
    const sent = refreshes();
    expect(sent).toHaveLength(count + 1);
    expect(new Set(sent.map(({ body }) => JSON.parse(body).refresh_token))).toEqual(new Set(["csrt_1"]));
    expect(new Set(sent.map(({ headers }) => headers.get("DPoP"))).size).toBe(count + 1);
    expect((await session.fetch(`${API}/x`)).status).toBe(200);
  });

  test("is given up after a few attempts, and the session goes on at the next", async () => {
    loseAnswers(4);
    await expect(session.refresh()).rejects.toBeInstanceOf(TransportError);
    expect(refreshes()).toHaveLength(4);
    await session.refresh();
    expect((await session.fetch(`${API}/x`)).status).toBe(200);
  });

  test("is mended by a page that is loaded again", async () => {
    loseAnswers(4);
    await expect(session.refresh()).rejects.toBeInstanceOf(TransportError);
    const next = await setting.tab().resume();
    await next?.refresh();
    expect((await next?.fetch(`${API}/x`))?.status).toBe(200);
  });

  test.each([
    ["a proxy's 502", () => new Response("<html>", { status: 502 })],
    ["unavailable", () => problem(503, "unavailable")],
    ["outcome_unknown", () => problem(503, "outcome_unknown")],
    ["a request delivered twice", () => problem(401, "proof_replayed")],
  ])("may look like %s", async (_name, answer) => {
    let left = 2;
    setting.server.before = ({ url }) => (url.pathname === "/refresh" && left-- > 0 ? answer() : undefined);
    await session.refresh();
    expect(refreshes()).toHaveLength(3);
  });

  test("is not what another refusal is", async () => {
    setting.server.before = ({ url }) => (url.pathname === "/refresh" ? problem(429, "rate_limited") : undefined);
    await expect(session.refresh()).rejects.toMatchObject({ code: "rate_limited" });
    await expect(session.refresh()).rejects.toBeInstanceOf(RefusedError);
    expect(refreshes()).toHaveLength(2);
    setting.server.before = () => undefined;
    expect((await session.fetch(`${API}/x`)).status).toBe(200);
  });
});

describe("at the same time", () => {
  test("many calls share one refresh", async () => {
    setting.clock.now += LIFETIME_S * 1_000;
    const answers = await Promise.all(Array.from({ length: 20 }, () => session.fetch(`${API}/x`)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(refreshes()).toHaveLength(1);
  });

  test("many calls share one failure", async () => {
    setting.clock.now += LIFETIME_S * 1_000;
    loseAnswers(100);
    const calls = await Promise.allSettled(Array.from({ length: 20 }, () => session.fetch(`${API}/x`)));
    expect(calls.every(({ status }) => status === "rejected")).toBe(true);
    expect(refreshes()).toHaveLength(4);
  });

  test("many tabs make one refresh", async () => {
    setting.clock.now += LIFETIME_S * 1_000;
    const tabs = await Promise.all(Array.from({ length: 5 }, () => setting.tab().resume()));
    const answers = await Promise.all(tabs.map((other) => other?.fetch(`${API}/x`)));
    expect(answers.map((answer) => answer?.status)).toEqual(Array(5).fill(200));
    expect(refreshes()).toHaveLength(1);
  });

  test("tabs without locks end with a session all the same", async () => {
    setting.locks = NO_LOCKS;
    for (let round = 0; round < 10; round += 1) {
      setting.clock.now += LIFETIME_S * 1_000;
      const tabs = await Promise.all(Array.from({ length: 3 }, () => setting.tab().resume()));
      const answers = await Promise.allSettled(tabs.map((other) => other?.fetch(`${API}/x`)));
      expect(answers.map(({ status }) => status)).toEqual(Array(3).fill("fulfilled"));
    }
    const last = await setting.tab().resume();
    await last?.refresh();
    expect((await last?.fetch(`${API}/x`))?.status).toBe(200);
  });
});

describe("a superseded token", () => {
  test("is replaced by the one that another tab keeps meanwhile", async () => {
    const store = new LaggingStore();
    setting.store = store;
    setting.locks = NO_LOCKS;
    const [one, two] = [setting.tab(), setting.tab()];
    const first = await one.login({ user: "alice" });
    const second = await two.resume();
    store.hold();
    await second?.refresh();
    // The newest token is presented twice over: what the first tab still reads is older than the previous one.
    await store.withNewest(() => second?.refresh());
    setting.server.after = ({ url }) => {
      if (url.pathname === "/refresh") {
        store.release();
      }
    };
    await first.refresh();
    expect((await first.fetch(`${API}/x`)).status).toBe(200);
  });

  test("that nobody has a successor of asks for a login", async () => {
    const reasons: string[] = [];
    tab.on("login_required", ({ reason }) => reasons.push(reason));
    setting.server.before = ({ url }) => (url.pathname === "/refresh" ? problem(401, "refresh_superseded") : undefined);
    await expect(session.refresh()).rejects.toMatchObject({ kind: "login_required", reason: "tokens_lost" });
    expect(reasons).toEqual(["tokens_lost"]);
    setting.server.before = () => undefined;
    const again = await tab.login({ user: "alice" });
    expect((await again.fetch(`${API}/x`)).status).toBe(200);
  });
});

test("a logout during a refresh stays a logout", async () => {
  setting.locks = NO_LOCKS;
  const loose = setting.tab();
  const going = await loose.resume();
  setting.server.after = async ({ url }) => {
    if (url.pathname === "/refresh") {
      await loose.forget();
    }
  };
  await expect(going?.refresh()).rejects.toMatchObject({ reason: "logged_out" });
  expect(await loose.resume()).toBeUndefined();
});

test("a login during a refresh of the old session stays the login", async () => {
  setting.locks = NO_LOCKS;
  const loose = setting.tab();
  const going = await loose.resume();
  setting.server.after = async ({ url }) => {
    if (url.pathname === "/refresh") {
      setting.server.after = () => undefined;
      await loose.login({ user: "alice" });
    }
  };
  await going?.refresh();
  expect((await going?.details())?.session_id).toBe("ses_2");
  expect((await going?.fetch(`${API}/x`))?.status).toBe(200);
});

test("a server that does not rotate leaves the refresh token as it is", async () => {
  setting.server.before = async (arrived) => {
    if (arrived.url.pathname !== "/refresh") {
      return undefined;
    }
    setting.server.before = () => undefined;
    const { url, headers, body } = arrived;
    const answer = await (await setting.server.fetch(url, { method: "POST", headers, body })).json();
    setting.server.session.refresh = "csrt_1";
    return Response.json({ ...answer, refresh_token: null });
  };
  await session.refresh();
  await session.refresh();
  expect((await session.fetch(`${API}/x`)).status).toBe(200);
});

/** Shows an old session for a while to whoever asks, as a tab that was slow to write would. */
class LaggingStore extends MemoryStore {
  private held: string | undefined;
  private isHolding = false;

  hold(): void {
    this.isHolding = true;
  }

  release(): void {
    this.isHolding = false;
  }

  async withNewest(task: () => Promise<unknown> | undefined): Promise<void> {
    this.isHolding = false;
    await task();
    this.isHolding = true;
  }

  override async get(name: RecordName): Promise<string | undefined> {
    return name === "session" && this.isHolding ? this.held : super.get(name);
  }

  override async set(name: RecordName, text: string): Promise<void> {
    if (name === "session" && !this.isHolding) {
      this.held ??= text;
    }
    await super.set(name, text);
  }
}

import { beforeEach, describe, expect, test } from "vitest";
import { BodyNotRepeatableError, OriginNotListedError } from "../../src/errors.js";
import type { Session } from "../../src/session.js";
import { API, APP, type Arrived, ISSUER, LIFETIME_S, problem } from "./fake-server.js";
import { checkProof, hashed } from "./proof-check.js";
import { Setting } from "./setting.js";

let setting: Setting;
let session: Session;

beforeEach(async () => {
  setting = new Setting();
  session = await setting.tab().login({ user: "alice" });
});

const proofOf = ({ headers }: Arrived) => checkProof(headers.get("DPoP") ?? "");

describe("a proof", () => {
  test("names method, URL without query and fragment, and the token", async () => {
    await session.fetch(`${API}/a/b?c=d#e`, { method: "post" });
    const [call] = setting.server.at("/a/b");
    const { accessToken } = setting.server.session;
    expect(call?.url.search).toBe("?c=d");
    expect(call?.headers.get("Authorization")).toBe(`DPoP ${accessToken}`);
    const proof = await proofOf(call as Arrived);
    expect(proof).toMatchObject({ htm: "POST", htu: `${API}/a/b`, ath: hashed(accessToken) });
    expect(proof.iat).toBe(setting.clock.now / 1_000);
  });

  test("is another one for each request", async () => {
    await Promise.all([1, 2, 3].map(() => session.fetch(`${API}/x`)));
    const ids = await Promise.all(setting.server.at("/x").map(async (call) => (await proofOf(call)).jti));
    expect(new Set(ids).size).toBe(3);
    expect(Math.min(...ids.map((id) => id.length))).toBeGreaterThanOrEqual(16);
  });

  test("comes alone from authorize", async () => {
    const headers = await session.authorize("GET", `${API}/x`);
    expect(Object.keys(headers).sort()).toEqual(["Authorization", "DPoP"]);
    expect((await setting.server.fetch(`${API}/x`, { headers })).status).toBe(200);
    await expect(session.authorize("GET", "https://other.test/")).rejects.toBeInstanceOf(OriginNotListedError);
  });
});

describe("a nonce", () => {
  test.each([400, 401])("that is asked for with %i is given in one retry", async (status) => {
    setting.server.before = async (arrived) => {
      const { nonce } = await proofOf(arrived);
      return nonce === "n1" ? undefined : problem(status, "use_dpop_nonce", { "DPoP-Nonce": "n1" });
    };
    const response = await session.fetch(`${API}/x`, { method: "PUT", body: "kept" });
    expect(await response.json()).toMatchObject({ method: "PUT", body: "kept" });
    expect(setting.server.at("/x")).toHaveLength(2);
  });

  test("is asked for by a challenge alone", async () => {
    const headers = { "WWW-Authenticate": 'DPoP error="use_dpop_nonce", algs="ES256"', "DPoP-Nonce": "n1" };
    setting.server.before = async (arrived) =>
      (await proofOf(arrived)).nonce === "n1" ? undefined : new Response("no", { status: 401, headers });
    expect((await session.fetch(`${API}/x`)).status).toBe(200);
  });

  test("is given for its own origin only, and from then on", async () => {
    setting.server.nonce = "n1";
    await session.fetch(`${API}/x`);
    await session.fetch(`${API}/x`);
    expect(setting.server.at("/x")).toHaveLength(3);
    setting.server.nonce = undefined;
    await session.ownDevicesPage();
    const [own] = setting.server.at("/v1/me/devices");
    expect((await proofOf(own as Arrived)).nonce).toBeUndefined();
  });

  test("that comes with a success is used next", async () => {
    setting.server.before = () => Response.json({}, { headers: { "DPoP-Nonce": "n2" } });
    await session.fetch(`${API}/x`);
    setting.server.before = () => undefined;
    await session.fetch(`${API}/x`);
    expect((await proofOf(setting.server.at("/x")[1] as Arrived)).nonce).toBe("n2");
  });

  test("that is never right is given once and no more", async () => {
    let count = 0;
    setting.server.before = () => problem(401, "use_dpop_nonce", { "DPoP-Nonce": `n${(count += 1)}` });
    expect((await session.fetch(`${API}/x`)).status).toBe(401);
    expect(setting.server.at("/x")).toHaveLength(2);
  });
});

describe("a body", () => {
  beforeEach(() => {
    setting.server.nonce = "n1";
  });

  const bodies: [string, () => BodyInit][] = [
    ["text", () => "kept"],
    ["a buffer", () => new TextEncoder().encode("kept")],
    ["a blob", () => new Blob(["kept"])],
    ["parameters", () => new URLSearchParams({ kept: "" })],
  ];
  test.each(bodies)("of %s is preserved across the retry", async (_name, body) => {
    const response = await session.fetch(`${API}/x`, { method: "POST", body: body() });
    expect((await response.json()).body).toContain("kept");
    expect(setting.server.at("/x")).toHaveLength(2);
  });

  test("of a Request is preserved, with its headers", async () => {
    const headers = { "Content-Type": "text/x", "X-Own": "1", Authorization: "Basic x" };
    const request = new Request(`${API}/x`, { method: "PATCH", headers, body: "kept" });
    const response = await session.fetch(request);
    expect(await response.json()).toMatchObject({ method: "PATCH", body: "kept" });
    const second = setting.server.at("/x")[1];
    expect(second?.headers.get("X-Own")).toBe("1");
    expect(second?.headers.get("Content-Type")).toBe("text/x");
    expect(second?.headers.get("Authorization")).toMatch(/^DPoP at_/);
  });

  test("of a stream is sent once, and the error says why", async () => {
    const stream = () => new Blob(["kept"]).stream();
    const call = () => session.fetch(`${API}/x`, { method: "POST", body: stream(), duplex: "half" } as RequestInit);
    await expect(call()).rejects.toBeInstanceOf(BodyNotRepeatableError);
    expect(setting.server.at("/x")).toHaveLength(1);
    // What the refusal taught lets the next call through.
    expect((await call()).status).toBe(200);
  });
});

describe("an origin", () => {
  test.each([`${APP}/x`, `${ISSUER}/x`, "https://api.test.evil.test/x", "http://api.test/x", "https://api.test:8443/"])(
    "that is not listed gets nothing: %s",
    async (url) => {
      const before = setting.server.arrived.length;
      await expect(session.fetch(url)).rejects.toBeInstanceOf(OriginNotListedError);
      await expect(session.fetch(new Request(url))).rejects.toBeInstanceOf(OriginNotListedError);
      expect(setting.server.arrived).toHaveLength(before);
    },
  );

  test("of a relative URL is that of the page", async () => {
    const own = await setting.tab({ origins: [APP] }).resume();
    expect((await own?.fetch("x?y=1"))?.status).toBe(200);
    expect(setting.server.arrived.at(-1)?.url.href).toBe(`${APP}/x?y=1`);
  });

  test("is not left by a redirect", async () => {
    await session.fetch(`${API}/x`, { redirect: "follow" });
    await session.fetch(`${API}/x`, { redirect: "manual" });
    expect(setting.server.at("/x").map(({ init }) => init.redirect)).toEqual(["error", "manual"]);
  });
});

describe("a wrong clock", () => {
  test.each([-3_600_000, 3_600_000])("of %i ms is corrected after one refusal", async (skewMs) => {
    setting.server.skewMs = skewMs;
    setting.server.before = ({ url }) => (url.origin === API ? Response.json({}, { status: 401 }) : undefined);
    await session.fetch(`${API}/learn`);
    setting.server.before = () => undefined;
    await session.fetch(`${API}/x`).catch(() => undefined);
    const proof = await proofOf(setting.server.arrived.at(-1) as Arrived);
    expect(Math.abs(proof.iat - (setting.clock.now + skewMs) / 1_000)).toBeLessThanOrEqual(1);
  });

  test.each([-3_600_000, 3_600_000])("of %i ms does not keep anybody from logging in", async (skewMs) => {
    const late = new Setting();
    late.server.skewMs = skewMs;
    const logged = await late.tab().login({ user: "alice" });
    expect(late.server.at("/login")).toHaveLength(2);
    expect((await logged.fetch(`${API}/x`)).status).toBe(200);
    // Another page begins with what this one measured.
    const next = await late.tab().resume();
    expect((await next?.fetch(`${API}/y`))?.status).toBe(200);
    expect(late.server.at("/y")).toHaveLength(1);
    expect(late.server.at("/refresh")).toHaveLength(0);
  });

  test("is not learned from an answer that a cache may have kept", async () => {
    setting.server.before = () => Response.json({});
    setting.server.skewMs = -86_400_000;
    await session.fetch(`${API}/cached`);
    setting.server.skewMs = 0;
    setting.server.before = () => undefined;
    await session.fetch(`${API}/x`);
    expect(setting.server.at("/x")).toHaveLength(1);
  });
});

describe("an access token", () => {
  test("is refreshed ahead of its expiry", async () => {
    setting.clock.now += (LIFETIME_S - 11) * 1_000;
    await session.fetch(`${API}/x`);
    expect(setting.server.at("/refresh")).toHaveLength(0);
    setting.clock.now += 2_000;
    await session.fetch(`${API}/x`);
    await session.fetch(`${API}/x`);
    expect(setting.server.at("/refresh")).toHaveLength(1);
    expect(setting.server.at("/x")).toHaveLength(3);
  });

  test.each(["token_expired", "token_invalid"])("that is refused as %s is refreshed once", async (code) => {
    setting.server.before = ({ headers, url }) =>
      url.origin === API && headers.get("Authorization") === "DPoP at_2" ? problem(401, code) : undefined;
    const response = await session.fetch(`${API}/x`, { method: "POST", body: "kept" });
    expect(await response.json()).toMatchObject({ body: "kept" });
    expect(setting.server.at("/refresh")).toHaveLength(1);
  });

  test("that an API refuses whatever it is, is refreshed a bounded number of times", async () => {
    setting.server.before = ({ url }) => (url.origin === API ? problem(401, "token_expired") : undefined);
    expect((await session.fetch(`${API}/x`)).status).toBe(401);
    expect(setting.server.at("/x").length).toBeLessThanOrEqual(2);
    expect(setting.server.at("/refresh")).toHaveLength(1);
  });

  test("that is about to expire is used when no refresh gets through", async () => {
    setting.clock.now += (LIFETIME_S - 5) * 1_000;
    setting.server.before = ({ url }) => {
      if (url.pathname === "/refresh") {
        throw new TypeError("offline");
      }
      return undefined;
    };
    expect((await session.fetch(`${API}/x`)).status).toBe(200);
  });
});

test.each([
  ["GET", 200, 2],
  ["POST", 401, 1],
])("a %s that was delivered twice answers %i after %i sendings", async (method, status, sendings) => {
  let isFirst = true;
  setting.server.before = () => {
    const answer = isFirst ? problem(401, "proof_replayed") : undefined;
    isFirst = false;
    return answer;
  };
  expect((await session.fetch(`${API}/x`, { method })).status).toBe(status);
  expect(setting.server.at("/x")).toHaveLength(sendings);
});

test("an answer that has nothing to do with the session is handed over unread", async () => {
  setting.server.before = () => new Response('{"code":"session_ended"}', { status: 404 });
  expect(await (await session.fetch(`${API}/x`)).json()).toEqual({ code: "session_ended" });
  setting.server.before = () => Response.json({ code: "insufficient_trust" }, { status: 403 });
  expect(await (await session.fetch(`${API}/x`)).json()).toEqual({ code: "insufficient_trust" });
  setting.server.before = () => undefined;
  expect((await session.fetch(`${API}/x`)).status).toBe(200);
});

test("what fetch rejects with is handed over", async () => {
  setting.server.before = () => {
    throw new TypeError("offline");
  };
  await expect(session.fetch(`${API}/x`)).rejects.toThrow(new TypeError("offline"));
});

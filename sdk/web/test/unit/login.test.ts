import { beforeEach, expect, test } from "vitest";
import { LoginRequiredError, RefusedError, TransportError, UnexpectedAnswerError } from "../../src/errors.js";
import { API, APP, CLIENT, ISSUER } from "./fake-server.js";
import { Setting } from "./setting.js";

let setting: Setting;

beforeEach(() => {
  setting = new Setting();
});

test("a relayed login posts the app's body, the device and a proof of the key", async () => {
  const device = setting.tab({ device: { name: "My browser", os_version: "12" } });
  const session = await device.login({ user: "alice", password: "secret" });
  expect(session.userId).toBe("alice");
  const [login] = setting.server.at("/login");
  expect(login?.url.href).toBe(`${APP}/login`);
  expect(login?.init).toMatchObject({ redirect: "error", credentials: "same-origin" });
  expect(JSON.parse(login?.body ?? "")).toEqual({
    user: "alice",
    password: "secret",
    device: { name: "My browser", os_version: "12", installation_id: await device.installationId() },
  });
  expect((await session.fetch(`${API}/x`)).status).toBe(200);
});

test("a direct login exchanges an ID token", async () => {
  const device = setting.directTab({ device: { name: "My browser" } });
  const session = await device.login({ idToken: "alice" });
  const [login] = setting.server.at("/oauth/token");
  const form = Object.fromEntries(new URLSearchParams(login?.body));
  expect(login?.url.href).toBe(`${ISSUER}/oauth/token`);
  expect(form).toEqual({
    grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
    subject_token: "alice",
    subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
    client_id: CLIENT,
    installation_id: await device.installationId(),
    device: '{"name":"My browser"}',
  });
  await session.refresh();
  const refresh = Object.fromEntries(new URLSearchParams(setting.server.at("/oauth/token").at(-1)?.body));
  expect(refresh).toMatchObject({ grant_type: "refresh_token", client_id: CLIENT, device: '{"name":"My browser"}' });
  expect((await session.fetch(`${API}/x`)).status).toBe(200);
});

test("an ID token may be bound to the key", async () => {
  const device = setting.directTab();
  const nonce = await device.keyThumbprint();
  await device.login({ idToken: "alice", nonce });
  expect(new URLSearchParams(setting.server.at("/oauth/token")[0]?.body).get("nonce")).toBe(nonce);
  expect(setting.server.session.jkt).toBe(nonce);
  expect(await setting.directTab().keyThumbprint()).toBe(nonce);
});

test("the app's own headers and cookies go to its backend, not to Countersign", async () => {
  const manners = { headers: () => ({ "X-Csrf": "1" }), credentials: "include" as const };
  const session = await setting.tab(manners).login({ user: "alice" });
  await session.refresh();
  await session.ownDevicesPage();
  const sent = setting.server.arrived.map(({ headers, init }) => [headers.get("X-Csrf"), init.credentials]);
  expect(sent).toEqual([["1", "include"], ["1", "include"], [null, "omit"]]);
});

test("a nonce that the token endpoint asks for with 400 is given once", async () => {
  setting.server.nonce = "n1";
  await setting.directTab().login({ idToken: "alice" });
  expect(setting.server.at("/oauth/token")).toHaveLength(2);
});

test("a login survives a page that is loaded again", async () => {
  await setting.tab().login({ user: "alice" });
  const session = await setting.tab().resume();
  expect(session?.userId).toBe("alice");
  expect((await session?.fetch(`${API}/x`))?.status).toBe(200);
  expect(setting.keys.generated).toBe(1);
});

test("the app's own refusal comes with its status and body", async () => {
  const login = setting.tab().login({ user: "wrong" });
  await expect(login).rejects.toBeInstanceOf(UnexpectedAnswerError);
  await expect(login).rejects.toMatchObject({ status: 401, body: { error: "wrong password" } });
  expect(setting.server.at("/login")).toHaveLength(1);
});

test("a login without an answer is a transport error", async () => {
  setting.server.after = () => {
    throw new TypeError("reset");
  };
  await expect(setting.tab().login({ user: "alice" })).rejects.toBeInstanceOf(TransportError);
});

test("nothing is kept of an answer without a bound token", async () => {
  setting.server.before = () => Response.json({ token_type: "Bearer", access_token: "a" });
  const device = setting.tab();
  await expect(device.login({ user: "alice" })).rejects.toBeInstanceOf(UnexpectedAnswerError);
  expect(await device.resume()).toBeUndefined();
});

test("the installation id of the answer is the one that is kept", async () => {
  const device = setting.tab();
  setting.server.before = async (arrived) => {
    setting.server.before = () => undefined;
    const { device: report, ...rest } = JSON.parse(arrived.body);
    report.installation_id = "server-made";
    return setting.server.fetch(arrived.url, {
      method: "POST",
      headers: arrived.headers,
      body: JSON.stringify({ ...rest, device: report }),
    });
  };
  await device.login({ user: "alice" });
  expect(await device.installationId()).toBe("server-made");
});

test("a key that the device gave up is replaced at the login", async () => {
  const { jkt } = await setting.tab().login({ user: "alice" }).then(() => setting.server.session);
  setting.server.retiredKey = jkt;
  await setting.tab().login({ user: "alice" });
  expect(setting.keys.generated).toBe(2);
  expect(setting.server.devices.size).toBe(1);
});

test("a device that stays refused is told so after one more try", async () => {
  setting.server.before = () =>
    Response.json({ code: "device_revoked" }, { status: 403, headers: { "Content-Type": "application/problem+json" } });
  const login = setting.tab().login({ user: "alice" });
  await expect(login).rejects.toBeInstanceOf(RefusedError);
  await expect(login).rejects.toMatchObject({ code: "device_revoked", status: 403 });
  expect(setting.server.at("/login")).toHaveLength(2);
});

test("logins at the same time are made one after another, and the last one stands", async () => {
  const [one, two] = [setting.tab(), setting.tab()];
  await Promise.all([one.login({ user: "alice" }), two.login({ user: "alice" })]);
  expect(setting.keys.generated).toBe(1);
  const session = await one.resume();
  expect((await session?.details())?.session_id).toBe("ses_2");
  expect((await session?.fetch(`${API}/x`))?.status).toBe(200);
});

test("a session of another user is not used in a tab of the first", async () => {
  const tab = setting.tab();
  const alices = await tab.login({ user: "alice" });
  const heard: string[] = [];
  tab.on("signed_in", ({ userId }) => heard.push(userId));
  await setting.tab().login({ user: "bob" });
  await expect(alices.fetch(`${API}/x`)).rejects.toMatchObject({ reason: "user_changed" });
  await expect(alices.fetch(`${API}/x`)).rejects.toBeInstanceOf(LoginRequiredError);
  expect(heard).toEqual(["bob"]);
});

test.each(["ftp://x", "https://u:p@x", "http://"])("an issuer that is no web address is refused: %s", (issuer) => {
  expect(() => setting.tab({ issuer })).toThrow(TypeError);
});

test("an origin with a path is refused", () => {
  expect(() => setting.tab({ origins: [`${API}/v1`] })).toThrow(TypeError);
});

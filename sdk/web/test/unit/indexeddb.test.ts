import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { createDevice } from "../../src/device.js";
import { Database } from "../../src/indexeddb/database.js";
import { IndexedDbKeyProvider } from "../../src/indexeddb/keys.js";
import { IndexedDbStore } from "../../src/indexeddb/store.js";
import { API, APP, CLIENT, FakeServer, ISSUER } from "./fake-server.js";

let factory: IDBFactory;

beforeEach(() => {
  factory = new IDBFactory();
  vi.stubGlobal("indexedDB", factory);
  vi.stubGlobal("localStorage", fakeStorage());
  return () => vi.unstubAllGlobals();
});

function fakeStorage(): Pick<Storage, "getItem" | "setItem"> {
  const items = new Map<string, string>();
  return { getItem: (name) => items.get(name) ?? null, setItem: (name, text) => void items.set(name, text) };
}

/** An IndexedDB that can only fail. */
const BROKEN = {
  open: () => {
    throw new DOMException("not allowed", "SecurityError");
  },
} as unknown as IDBFactory;

describe("the key provider", () => {
  test("keeps a key that signs and cannot be read", async () => {
    const made = await new IndexedDbKeyProvider("a").generate();
    const kept = await new IndexedDbKeyProvider("a").load();
    expect(kept?.publicJwk).toEqual(made.publicJwk);
    const data = new TextEncoder().encode("signed");
    const signature = (await kept?.sign(data)) ?? new Uint8Array();
    expect(signature).toHaveLength(64);
    const es256 = { name: "ECDSA", namedCurve: "P-256" };
    const key = await crypto.subtle.importKey("jwk", { ...made.publicJwk }, es256, true, ["verify"]);
    const isRight = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, Buffer.from(signature), data);
    expect(isRight).toBe(true);
    const pair = (await new Database().get("a/key")) as CryptoKeyPair;
    expect(pair.privateKey.extractable).toBe(false);
    for (const format of ["jwk", "pkcs8"] as const) {
      await expect(crypto.subtle.exportKey(format as "jwk", pair.privateKey)).rejects.toThrow();
    }
  });

  test("keeps one key for each owner, and forgets it", async () => {
    const provider = new IndexedDbKeyProvider("a");
    const first = await provider.generate();
    const second = await provider.generate();
    expect(second.publicJwk).not.toEqual(first.publicJwk);
    expect((await provider.load())?.publicJwk).toEqual(second.publicJwk);
    expect(await new IndexedDbKeyProvider("b").load()).toBeUndefined();
    await provider.delete();
    expect(await provider.load()).toBeUndefined();
  });

  test("has a key for as long as the page lives where none can be kept", async () => {
    const provider = new IndexedDbKeyProvider("a", new Database(BROKEN));
    await expect(provider.load()).rejects.toThrow();
    const made = await provider.generate();
    expect((await provider.load())?.publicJwk).toEqual(made.publicJwk);
  });
});

describe("the database", () => {
  test("has one object store", async () => {
    await new Database().put("a", 1);
    const request = factory.open("countersign");
    await new Promise((resolve) => request.addEventListener("success", resolve));
    expect([...request.result.objectStoreNames]).toEqual(["records"]);
    expect(request.result.version).toBe(1);
  });

  test("is opened again when the browser closed it", async () => {
    const opened: IDBDatabase[] = [];
    const open = factory.open.bind(factory);
    vi.spyOn(factory, "open").mockImplementation((...args) => {
      const request = open(...args);
      request.addEventListener("success", () => opened.push(request.result));
      return request;
    });
    const database = new Database();
    await database.put("a", 1);
    // As when site data is cleared: the next transaction throws InvalidStateError.
    opened[0]?.close();
    expect(await database.get("a")).toBe(1);
    expect(opened).toHaveLength(2);
  });

  test("gives way to whoever deletes it", async () => {
    const database = new Database();
    await database.put("a", 1);
    const request = factory.deleteDatabase("countersign");
    await new Promise((resolve) => request.addEventListener("success", resolve));
    expect(await database.get("a")).toBeUndefined();
  });
});

describe("the store", () => {
  test("keeps texts", async () => {
    await new IndexedDbStore("a").set("session", "x");
    await new IndexedDbStore("a").set("session", "y");
    expect(await new IndexedDbStore("a").get("session")).toBe("y");
    expect(await new IndexedDbStore("b").get("session")).toBeUndefined();
    expect(await new IndexedDbStore("a").get("installation")).toBeUndefined();
  });

  test("has the installation id twice, and nothing else", async () => {
    await new IndexedDbStore("a").set("installation", "i");
    await new IndexedDbStore("a").set("session", "s");
    vi.stubGlobal("indexedDB", new IDBFactory());
    expect(await new IndexedDbStore("a").get("installation")).toBe("i");
    expect(await new IndexedDbStore("a").get("session")).toBeUndefined();
  });

  test("keeps texts for as long as the page lives where nothing can be kept", async () => {
    vi.stubGlobal("localStorage", undefined);
    const store = new IndexedDbStore("a", new Database(BROKEN));
    await store.set("session", "x");
    expect(await store.get("session")).toBe("x");
  });
});

describe("a device with the browser's own", () => {
  const device = () => {
    const clock = { now: Date.now() };
    const server = new FakeServer(clock);
    const options = { clientId: CLIENT, issuer: ISSUER, origins: [API], platform: { fetch: server.fetch } };
    return createDevice({ door: "relayed", loginUrl: `${APP}/login`, refreshUrl: `${APP}/refresh`, ...options });
  };

  test("logs in and goes on after IndexedDB was emptied", async () => {
    const one = device();
    const session = await one.login({ user: "alice" });
    expect((await session.fetch(`${API}/x`)).status).toBe(200);
    const installationId = await one.installationId();
    vi.stubGlobal("indexedDB", new IDBFactory());
    const two = device();
    await expect(two.signInState()).resolves.toMatchObject({ error: { reason: "key_lost" } });
    expect(await two.installationId()).toBe(installationId);
    const again = await two.login({ user: "alice" });
    expect((await again.details()).installation_id).toBe(installationId);
    one.close();
    two.close();
  });

  test.each(["broken", "absent"])("logs in where IndexedDB is %s", async (how) => {
    vi.stubGlobal("indexedDB", how === "broken" ? BROKEN : undefined);
    const one = device();
    const session = await one.login({ user: "alice" });
    await session.refresh();
    expect((await session.fetch(`${API}/x`)).status).toBe(200);
    one.close();
  });
});

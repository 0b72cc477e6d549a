import { createDevice, type Device } from "../../src/device.js";
import type { IdToken, LoginBody } from "../../src/doors.js";
import type { Bytes } from "../../src/encoding.js";
import type { DeviceKey, KeyProvider } from "../../src/keys.js";
import { InProcessLocks, type Locks } from "../../src/locks.js";
import type { CommonOptions, RelayedOptions } from "../../src/options.js";
import type { Channel, Platform } from "../../src/platform.js";
import { MemoryStore } from "../../src/store.js";
import { API, APP, CLIENT, FakeServer, ISSUER } from "./fake-server.js";

/** Keeps a key in memory, and may lose it. */
export class MemoryKeys implements KeyProvider {
  pair: CryptoKeyPair | undefined;
  generated = 0;
  failing: Error | undefined;

  async load(): Promise<DeviceKey | undefined> {
    if (this.failing) {
      throw this.failing;
    }
    return this.pair && deviceKey(this.pair);
  }

  async generate(): Promise<DeviceKey> {
    this.generated += 1;
    this.failing = undefined;
    this.pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
    return deviceKey(this.pair);
  }

  async delete(): Promise<void> {
    this.pair = undefined;
  }
}

async function deviceKey(pair: CryptoKeyPair): Promise<DeviceKey> {
  const { x = "", y = "" } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return {
    publicJwk: { kty: "EC", crv: "P-256", x, y },
    sign: async (data: Bytes) =>
      new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, data)),
  };
}

/** Hands messages to every other channel of the setting at once. */
class FakeChannel implements Channel {
  onmessage: ((event: MessageEvent) => void) | null = null;

  constructor(private readonly all: Set<FakeChannel>) {
    all.add(this);
  }

  postMessage(message: unknown): void {
    for (const other of [...this.all].filter((channel) => channel !== this)) {
      other.onmessage?.(new MessageEvent("message", { data: structuredClone(message) }));
    }
  }

  close(): void {
    this.all.delete(this);
  }
}

/** No locks at all, as between processes that know nothing of each other. */
export const NO_LOCKS: Locks = { run: (_name, task) => task() };

/** One browser with a store, keys and any number of tabs, and the servers that it talks to. */
export class Setting {
  readonly clock = { now: Date.UTC(2026, 10, 22) };
  readonly server = new FakeServer(this.clock);
  store = new MemoryStore();
  keys = new MemoryKeys();
  locks: Locks = new InProcessLocks();
  private readonly channels = new Set<FakeChannel>();

  /** A tab of the app with a backend. */
  tab(own: Partial<RelayedOptions> = {}): Device<LoginBody> {
    const urls = { loginUrl: "/login", refreshUrl: "/refresh" };
    return createDevice({ door: "relayed", ...urls, ...this.common(), ...own });
  }

  /** A tab of the app that logs in with ID tokens. */
  directTab(own: Partial<CommonOptions> = {}): Device<IdToken> {
    return createDevice({ door: "direct", ...this.common(), ...own });
  }

  private common(): CommonOptions {
    const platform: Partial<Platform> = {
      fetch: this.server.fetch,
      now: () => this.clock.now,
      sleep: async (ms) => {
        this.clock.now += ms;
      },
      locks: this.locks,
      openChannel: () => new FakeChannel(this.channels),
      baseUrl: () => `${APP}/page?a=b`,
    };
    const { keys, store } = this;
    return { clientId: CLIENT, issuer: ISSUER, origins: [API], keys, store, platform };
  }
}

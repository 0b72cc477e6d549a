/** What the SDK needs of the world around it; everything can be replaced. */

import type { Bytes } from "./encoding.js";
import { UnsupportedError } from "./errors.js";
import { InProcessLocks, type Locks, WebLocks } from "./locks.js";

/** The world around the SDK: browsers have all of it, other platforms plug in what they lack. */
export interface Platform {
  /** Sends a request, as in the Fetch standard. */
  readonly fetch: typeof globalThis.fetch;
  /** The device's own time in milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds. */
  sleep(ms: number): Promise<void>;
  /** Random bytes from a cryptographic source. */
  randomBytes(count: number): Bytes;
  /** SHA-256 of some bytes. */
  sha256(data: Bytes): Promise<Uint8Array>;
  /** Locks that hold among everything that shares the store. */
  readonly locks: Locks;
  /** Opens a channel to everything that shares the store; `undefined` where there is nothing else. */
  openChannel(name: string): Channel | undefined;
  /** What relative URLs are relative to; `undefined` where URLs must be absolute. */
  baseUrl(): string | undefined;
}

/** The part of `BroadcastChannel` that is used. */
export interface Channel {
  /** Sends a message to everybody else. */
  postMessage(message: unknown): void;
  /** Called with each message of somebody else. */
  onmessage: ((event: MessageEvent) => void) | null;
  /** Stops hearing. */
  close(): void;
}

/** What the running browser offers, with the caller's own parts in their places. */
export function platformWith(own: Partial<Platform> = {}): Platform {
  return { ...browser(), ...own };
}

function browser(): Platform {
  return {
    // Called as a method of anything but the window, fetch throws.
    fetch: (input, init) => globalThis.fetch(input, init),
    now: () => Date.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    sha256: async (data) => new Uint8Array(await subtle().digest("SHA-256", data)),
    locks: globalThis.navigator?.locks ? new WebLocks(navigator.locks) : new InProcessLocks(),
    openChannel: (name) => (typeof BroadcastChannel === "undefined" ? undefined : broadcastChannel(name)),
    baseUrl: () => globalThis.document?.baseURI ?? globalThis.location?.href,
  };
}

function broadcastChannel(name: string): Channel {
  const channel: BroadcastChannel & { unref?: () => void } = new BroadcastChannel(name);
  // Under Node, where pages may be rendered, an open channel would keep the process from ending.
  channel.unref?.();
  return channel;
}

/** WebCrypto, which pages have on https and localhost only. */
export function subtle(): SubtleCrypto {
  const found = globalThis.crypto?.subtle;
  if (!found) {
    throw new UnsupportedError("WebCrypto (pages need https or localhost)");
  }
  return found;
}

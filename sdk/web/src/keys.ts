/** The device's key: who keeps it, and what it can do. */

import type { Bytes } from "./encoding.js";
import { base64url, utf8 } from "./encoding.js";
import type { Platform } from "./platform.js";

/** The public half of a P-256 key (RFC 7518 section 6.2.1). */
export interface PublicJwk {
  /** The key type. */
  readonly kty: "EC";
  /** The curve. */
  readonly crv: "P-256";
  /** The point's x, 32 bytes in base64url. */
  readonly x: string;
  /** The point's y, likewise. */
  readonly y: string;
}

/** A P-256 key pair whose private half need not be readable. */
export interface DeviceKey {
  /** The public half. */
  readonly publicJwk: PublicJwk;
  /** Signs with ES256: 64 bytes, r then s (RFC 7518 section 3.4), not DER. */
  sign(data: Bytes): Promise<Uint8Array>;
}

/**
 * Keeps the key of this installation: IndexedDB in browsers, the operating system's key store elsewhere.
 *
 * It holds one key at a time.
 */
export interface KeyProvider {
  /** The key that is kept; `undefined` when there is none, be it lost. */
  load(): Promise<DeviceKey | undefined>;
  /** Makes a new key and keeps it in place of the old one. */
  generate(): Promise<DeviceKey>;
  /** Forgets the key. */
  delete(): Promise<void>;
}

/** A key with its thumbprint. */
export interface CurrentKey {
  readonly key: DeviceKey;
  /** The RFC 7638 thumbprint, `jkt` in tokens. */
  readonly jkt: string;
}

/** The key in use, read from its provider as rarely as possible. */
export class KeyRing {
  private current: CurrentKey | undefined;

  constructor(
    private readonly provider: KeyProvider,
    private readonly platform: Platform,
  ) {}

  /** The key that a session is bound to; `undefined` when it is lost. */
  async find(jkt: string): Promise<CurrentKey | undefined> {
    if (this.current?.jkt !== jkt) {
      // A key store that cannot be read is a lost key: the next login mends it.
      const key = await this.provider.load().catch(() => undefined);
      this.current = key && (await this.withThumbprint(key));
    }
    return this.current?.jkt === jkt ? this.current : undefined;
  }

  /** The key to log in with: the one that is kept, else a new one. */
  async findOrMake(): Promise<CurrentKey> {
    const kept = await this.provider.load().catch(() => undefined);
    this.current = await this.withThumbprint(kept ?? (await this.provider.generate()));
    return this.current;
  }

  /** Forgets the key, because the server will not have it again. */
  async discard(): Promise<void> {
    this.current = undefined;
    // Should that fail, the next generate replaces it all the same.
    await this.provider.delete().catch(() => undefined);
  }

  private async withThumbprint(key: DeviceKey): Promise<CurrentKey> {
    const { crv, kty, x, y } = key.publicJwk;
    const canonical = JSON.stringify({ crv, kty, x, y });
    return { key, jkt: base64url(await this.platform.sha256(utf8(canonical))) };
  }
}

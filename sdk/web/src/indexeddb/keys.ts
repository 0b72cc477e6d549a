/** The device's key in a browser. */

import type { Bytes } from "../encoding.js";
import type { DeviceKey, KeyProvider, PublicJwk } from "../keys.js";
import { subtle } from "../platform.js";
import { Database } from "./database.js";

const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;

const ES256 = { name: "ECDSA", hash: "SHA-256" } as const;

/**
 * Keeps a non-extractable P-256 key in IndexedDB: scripts can use it there, and nobody can take it away.
 *
 * Where the browser refuses to keep keys, as some private windows do, the key lives as long as the page.
 */
export class IndexedDbKeyProvider implements KeyProvider {
  private unkept: CryptoKeyPair | undefined;
  private readonly name: string;

  /** `owner` tells the keys of several clients on one origin apart: the client id. */
  constructor(
    owner: string,
    private readonly database: Database = new Database(),
  ) {
    this.name = `${owner}/key`;
  }

  async load(): Promise<DeviceKey | undefined> {
    const pair = this.unkept ?? (await this.database.get(this.name));
    return isKeyPair(pair) ? deviceKey(pair) : undefined;
  }

  async generate(): Promise<DeviceKey> {
    const pair = await subtle().generateKey(CURVE, false, ["sign", "verify"]);
    try {
      await this.database.put(this.name, pair);
      this.unkept = undefined;
    } catch {
      this.unkept = pair;
    }
    return deviceKey(pair);
  }

  async delete(): Promise<void> {
    this.unkept = undefined;
    await this.database.delete(this.name);
  }
}

async function deviceKey(pair: CryptoKeyPair): Promise<DeviceKey> {
  const publicJwk = publicPart(await subtle().exportKey("jwk", pair.publicKey));
  const sign = async (data: Bytes): Promise<Uint8Array> =>
    new Uint8Array(await subtle().sign(ES256, pair.privateKey, data));
  return { publicJwk, sign };
}

function publicPart({ x, y }: JsonWebKey): PublicJwk {
  if (x === undefined || y === undefined) {
    throw new TypeError("not the public half of a P-256 key");
  }
  return { kty: "EC", crv: "P-256", x, y };
}

function isKeyPair(value: unknown): value is CryptoKeyPair {
  return typeof value === "object" && value !== null && "privateKey" in value && "publicKey" in value;
}

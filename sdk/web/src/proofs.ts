/** DPoP proofs (RFC 9449) with ES256. */

import type { ServerClock } from "./clock.js";
import { base64url, utf8 } from "./encoding.js";
import type { DeviceKey } from "./keys.js";
import type { Platform } from "./platform.js";

/** Random bytes of a proof's id; RFC 9449 section 4.2 asks for 12 at least. */
const JTI_BYTES = 16;

/** The request that a proof is for. */
export interface Proven {
  /** As it will be sent. */
  readonly method: string;
  /** As it will be called; query and fragment are left out of the proof. */
  readonly url: URL;
  /** What the request carries. */
  readonly accessToken?: string | undefined;
}

/** Makes proofs, with the nonce that each origin last asked for. */
export class Prover {
  private readonly nonces = new Map<string, string>();

  constructor(
    private readonly platform: Platform,
    private readonly clock: ServerClock,
  ) {}

  /** Makes a proof for one request; it serves once. */
  async prove(key: DeviceKey, request: Proven): Promise<string> {
    const header = { typ: "dpop+jwt", alg: "ES256", jwk: key.publicJwk };
    const nonce = this.nonces.get(request.url.origin);
    const claims = {
      jti: base64url(this.platform.randomBytes(JTI_BYTES)),
      htm: request.method,
      htu: withoutQuery(request.url),
      iat: Math.floor(this.clock.now() / 1_000),
      ...(request.accessToken !== undefined && { ath: await this.hash(request.accessToken) }),
      ...(nonce !== undefined && { nonce }),
    };
    const signed = `${encoded(header)}.${encoded(claims)}`;
    return `${signed}.${base64url(await key.sign(utf8(signed)))}`;
  }

  /** Takes the `DPoP-Nonce` of an answer for the next proofs for its origin; whether there was one. */
  learn(origin: string, nonce: string | null | undefined): boolean {
    if (!nonce) {
      return false;
    }
    this.nonces.set(origin, nonce);
    return true;
  }

  private async hash(accessToken: string): Promise<string> {
    return base64url(await this.platform.sha256(utf8(accessToken)));
  }
}

function encoded(part: object): string {
  return base64url(utf8(JSON.stringify(part)));
}

/** RFC 9449 section 4.2: `htu` has neither query nor fragment. */
function withoutQuery(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

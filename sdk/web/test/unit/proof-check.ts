import { createHash, webcrypto } from "node:crypto";

/** What a proof says, once its signature was found right. */
export interface CheckedProof {
  readonly jkt: string;
  readonly htm: string;
  readonly htu: string;
  readonly jti: string;
  readonly iat: number;
  readonly ath?: string;
  readonly nonce?: string;
}

/** SHA-256 in base64url. */
export function hashed(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** Checks a proof as RFC 9449 section 4.3 asks; throws at the first thing that is wrong. */
export async function checkProof(jwt: string): Promise<CheckedProof> {
  const [header = "", claims = "", signature = "", ...rest] = jwt.split(".");
  const { typ, alg, jwk } = decoded(header);
  if (typ !== "dpop+jwt" || alg !== "ES256" || rest.length > 0 || Object.keys(jwk).join() !== "kty,crv,x,y") {
    throw new Error("not a proof");
  }
  const bytes = Buffer.from(signature, "base64url");
  const key = await webcrypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  const signed = Buffer.from(`${header}.${claims}`);
  const isRight = await webcrypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, bytes, signed);
  if (!isRight || bytes.length !== 64) {
    throw new Error("the signature is wrong");
  }
  const jkt = hashed(JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }));
  return { jkt, ...decoded(claims) };
}

// Whatever a proof holds, the tests compare it.
function decoded(part: string): any {
  return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
}

import { type KeyObject, createSign, generateKeyPairSync } from "node:crypto";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

const KEY_ID = "one";

/** A small OpenID Connect issuer: discovery, keys, and ID tokens for whoever asks. */
export class Issuer {
  private constructor(
    private readonly server: Server,
    private readonly privateKey: KeyObject,
  ) {}

  /** Listens on a free port of loopback. */
  static async start(): Promise<Issuer> {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = { ...publicKey.export({ format: "jwk" }), kid: KEY_ID, alg: "ES256", use: "sig" };
    const server = createServer();
    const issuer = new Issuer(server, privateKey);
    const documents: Record<string, () => object> = {
      "/.well-known/openid-configuration": () => ({ issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }),
      "/keys": () => ({ keys: [key] }),
    };
    server.on("request", ({ url = "" }, response) => {
      const document = documents[url]?.();
      response.writeHead(document ? 200 : 404, { "Content-Type": "application/json" });
      response.end(document && JSON.stringify(document));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return issuer;
  }

  /** Its `iss`. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** An ID token for somebody. */
  idToken(sub: string, aud: string, nonce?: string): string {
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: this.url, sub, aud, iat: now, exp: now + 300, ...(nonce !== undefined && { nonce }) };
    const signed = [{ alg: "ES256", kid: KEY_ID, typ: "JWT" }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    const key = { key: this.privateKey, dsaEncoding: "ieee-p1363" as const };
    return `${signed}.${createSign("SHA256").update(signed).sign(key).toString("base64url")}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

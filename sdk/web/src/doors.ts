/** The two ways to a session: through the app's backend, or with an ID token directly. */

import type { DeviceReport, RegisteredSession } from "./api.js";
import { answered, outgoingCall } from "./call.js";
import type { DeviceKey } from "./keys.js";
import type { Platform } from "./platform.js";
import { type BoundSession, asObject, boundSession } from "./record.js";
import type { Wire } from "./wire.js";

/** What both doors do. */
export interface Door<Credentials> {
  /** Begins a session. */
  login(credentials: Credentials, device: DeviceReport, key: DeviceKey): Promise<BoundSession>;
  /** Has the tokens rotated. */
  refresh(session: BoundSession, device: DeviceReport, key: DeviceKey): Promise<BoundSession>;
}

/** What the app's backend needs to log a user in; `device` is added. */
export type LoginBody = Readonly<Record<string, unknown>>;

/** What a user logs in with at the direct door. */
export interface IdToken {
  /** An ID token (OpenID Connect) of an issuer that the server trusts. */
  readonly idToken: string;
  /** What the app gave the issuer as `nonce`, if anything: the token must carry it. */
  readonly nonce?: string | undefined;
}

/** Where the app's backend takes logins and refreshes. */
export interface RelayedUrls {
  readonly loginUrl: URL;
  readonly refreshUrl: URL;
}

/** How requests to the app's backend are sent. */
export interface RelayedManners {
  /** Adds headers to each, a CSRF token say. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
  /** Whether cookies go along; `same-origin` when absent. */
  readonly credentials?: RequestCredentials | undefined;
}

/** RFC 8693 section 2.1. */
const TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

/** RFC 8693 section 3. */
const ID_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:id_token";

/** Through the app's own backend, which checks the user and relays to Countersign. */
export class RelayedDoor implements Door<LoginBody> {
  constructor(
    private readonly platform: Platform,
    private readonly wire: Wire,
    private readonly urls: RelayedUrls,
    private readonly manners: RelayedManners,
  ) {}

  login(body: LoginBody, device: DeviceReport, key: DeviceKey): Promise<BoundSession> {
    return this.post(this.urls.loginUrl, { ...body, device }, key);
  }

  refresh(session: BoundSession, device: DeviceReport, key: DeviceKey): Promise<BoundSession> {
    const { refresh_token, user_id } = session;
    return this.post(this.urls.refreshUrl, { refresh_token, user_id, device }, key);
  }

  private async post(url: URL, body: object, key: DeviceKey): Promise<BoundSession> {
    const { headers, credentials = "same-origin" } = this.manners;
    const call = {
      method: "POST",
      url,
      headers: { ...headers?.(), "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials,
    };
    return registered(this.wire, url, await this.wire.send(outgoingCall(this.platform, call), key).then(answered));
  }
}

/** At Countersign's token endpoint, as a public OAuth client. */
export class DirectDoor implements Door<IdToken> {
  private readonly tokenUrl: URL;

  constructor(
    private readonly platform: Platform,
    private readonly wire: Wire,
    issuer: URL,
    private readonly clientId: string,
  ) {
    this.tokenUrl = below(issuer, "oauth/token");
  }

  login({ idToken, nonce }: IdToken, device: DeviceReport, key: DeviceKey): Promise<BoundSession> {
    const form = {
      grant_type: TOKEN_EXCHANGE,
      subject_token: idToken,
      subject_token_type: ID_TOKEN_TYPE,
      installation_id: device.installation_id,
      ...(nonce !== undefined && { nonce }),
    };
    return this.post(form, device, key);
  }

  refresh(session: BoundSession, device: DeviceReport, key: DeviceKey): Promise<BoundSession> {
    return this.post({ grant_type: "refresh_token", refresh_token: session.refresh_token ?? "" }, device, key);
  }

  private async post(form: Record<string, string>, device: DeviceReport, key: DeviceKey): Promise<BoundSession> {
    const { installation_id: _id, ...facts } = device;
    const fields = { ...form, client_id: this.clientId, device: JSON.stringify(facts) };
    const call = {
      method: "POST",
      url: this.tokenUrl,
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(fields).toString(),
    };
    const reply = await this.wire.send(outgoingCall(this.platform, call), key);
    return registered(this.wire, this.tokenUrl, await answered(reply));
  }
}

/** A URL below a base, which may have a path of its own. */
export function below(base: URL, path: string): URL {
  return new URL(`${base.href.replace(/\/+$/, "")}/${path}`);
}

function registered(wire: Wire, url: URL, answer: { status: number; body: unknown }): BoundSession {
  const { dpop_nonce: nonce } = (asObject(answer.body) ?? {}) as Partial<RegisteredSession>;
  wire.learnNonceOf(url, nonce);
  return boundSession(answer.status, answer.body);
}

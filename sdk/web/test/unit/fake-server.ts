import { checkProof, hashed } from "./proof-check.js";

/** Where the fake app, its API and the fake Countersign are. */
export const APP = "https://app.test";
export const API = "https://api.test";
export const ISSUER = "https://id.test";
export const CLIENT = "cli_test";

/** How long access tokens live. */
export const LIFETIME_S = 300;

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
  readonly init: RequestInit;
}

/** Takes the place of an answer, or of nothing by returning `undefined`. */
export type Interception = (arrived: Arrived) => Response | undefined | Promise<Response | undefined>;

interface ServedSession {
  readonly id: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly jkt: string;
  refresh: string;
  previous: string | undefined;
  accessToken: string;
  expiresAt: number;
  ended: string | undefined;
}

/** Countersign, the app's backend and its API, by the rules that a device can notice. */
export class FakeServer {
  readonly arrived: Arrived[] = [];
  readonly sessions: ServedSession[] = [];
  readonly devices = new Map<string, { id: string; jkt: string }>();
  /** What proofs must carry; none is asked for while it is `undefined`. */
  nonce: string | undefined;
  /** Refuses every proof by this key, as one that a device gave up. */
  retiredKey: string | undefined;
  /** How many milliseconds the server's clock is ahead. */
  skewMs = 0;
  /** Called before a request is looked at. */
  before: Interception = () => undefined;
  /** Called once a request was done: throwing loses the answer. */
  after: (arrived: Arrived) => void | Promise<void> = () => undefined;
  private readonly seen = new Set<string>();
  private count = 0;

  constructor(private readonly clock: { now: number }) {}

  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const request = new Request(input, { ...init, ...(isStream(init.body) && { duplex: "half" }) });
    const body = Buffer.from(await request.arrayBuffer()).toString("latin1");
    const arrived = { method: request.method, url: new URL(request.url), headers: request.headers, body, init };
    this.arrived.push(arrived);
    const response = (await this.before(arrived)) ?? (await this.answer(arrived));
    response.headers.set("Date", new Date(this.now()).toUTCString());
    await this.after(arrived);
    return response;
  };

  /** The newest session. */
  get session(): ServedSession {
    const session = this.sessions.at(-1);
    if (!session) {
      throw new Error("nobody has logged in");
    }
    return session;
  }

  /** What arrived at a path. */
  at(path: string): Arrived[] {
    return this.arrived.filter(({ url }) => url.pathname === path);
  }

  private now(): number {
    return this.clock.now + this.skewMs;
  }

  private async answer(arrived: Arrived): Promise<Response> {
    const { url, headers } = arrived;
    const proof = await checkProof(headers.get("DPoP") ?? "");
    const isRefused = this.judgeProof(arrived, proof);
    if (isRefused) {
      return isRefused;
    }
    switch (`${url.origin}${url.pathname}`) {
      case `${APP}/login`:
        return this.login(JSON.parse(arrived.body), proof.jkt);
      case `${APP}/refresh`:
        return this.refresh(JSON.parse(arrived.body).refresh_token, proof.jkt);
      case `${ISSUER}/oauth/token`:
        return this.token(new URLSearchParams(arrived.body), proof.jkt);
      default:
        return this.authorized(arrived, proof);
    }
  }

  private judgeProof(arrived: Arrived, proof: Awaited<ReturnType<typeof checkProof>>): Response | undefined {
    const { url, method } = arrived;
    if (proof.htm !== method || proof.htu !== `${url.origin}${url.pathname}`) {
      return problem(401, "proof_mismatch");
    }
    if (this.seen.has(proof.jti)) {
      return problem(401, "proof_replayed");
    }
    this.seen.add(proof.jti);
    if (proof.jkt === this.retiredKey) {
      return problem(403, "key_retired");
    }
    if (this.nonce !== undefined && proof.nonce !== this.nonce) {
      const status = url.pathname === "/oauth/token" ? 400 : 401;
      return problem(status, "use_dpop_nonce", { "DPoP-Nonce": this.nonce });
    }
    const age = this.now() / 1_000 - proof.iat;
    return age > 60 || age < -5 ? problem(401, "proof_expired") : undefined;
  }

  private token(form: URLSearchParams, jkt: string): Response {
    if (form.get("client_id") !== CLIENT) {
      return problem(401, "client_disabled");
    }
    if (form.get("grant_type") === "refresh_token") {
      return this.refresh(form.get("refresh_token") ?? "", jkt);
    }
    const device = { ...JSON.parse(form.get("device") ?? "{}"), installation_id: form.get("installation_id") };
    return this.login({ user: form.get("subject_token") ?? "", device }, jkt);
  }

  private login(body: { user: string; device: { installation_id: string } }, jkt: string): Response {
    if (body.user === "wrong") {
      return Response.json({ error: "wrong password" }, { status: 401 });
    }
    const { installation_id: installationId } = body.device;
    const known = this.devices.get(installationId);
    const device = { id: known?.id ?? `dev_${this.devices.size + 1}`, jkt };
    this.devices.set(installationId, device);
    for (const other of this.sessions.filter((old) => old.userId === body.user && old.deviceId === device.id)) {
      other.ended ??= "session_ended";
    }
    const session: ServedSession = {
      id: `ses_${this.sessions.length + 1}`,
      userId: body.user,
      deviceId: device.id,
      jkt,
      refresh: this.text("csrt"),
      previous: undefined,
      accessToken: "",
      expiresAt: 0,
      ended: undefined,
    };
    this.sessions.push(session);
    return this.registered(session, installationId, !known);
  }

  private refresh(token: string, jkt: string): Response {
    const session = this.sessions.find(({ refresh, previous }) => refresh === token || previous === token);
    if (!session) {
      const isOlder = this.sessions.some((live) => !live.ended && live.jkt === jkt && token.startsWith("csrt"));
      return problem(401, isOlder ? "refresh_superseded" : "refresh_invalid");
    }
    if (session.ended) {
      return problem(401, session.ended);
    }
    if (session.jkt !== jkt) {
      return problem(401, "key_mismatch");
    }
    if (token === session.refresh) {
      session.previous = token;
      session.refresh = this.text("csrt");
    }
    const installationId = [...this.devices].find(([, device]) => device.id === session.deviceId)?.[0] ?? "";
    return this.registered(session, installationId, false);
  }

  private registered(session: ServedSession, installationId: string, isNew: boolean): Response {
    session.accessToken = this.text("at");
    session.expiresAt = this.now() + LIFETIME_S * 1_000;
    return Response.json({
      session_id: session.id,
      user_id: session.userId,
      device_id: session.deviceId,
      app_id: "app_1",
      installation_id: installationId,
      is_new_device: isNew,
      is_recognised: false,
      trust: "unknown",
      token_type: "DPoP",
      access_token: session.accessToken,
      expires_in: LIFETIME_S,
      refresh_token: session.refresh,
      session_expires_at: "2027-01-01T00:00:00.000000Z",
      idle_expires_at: "2027-01-01T00:00:00.000000Z",
    });
  }

  private authorized({ headers, url, method, body }: Arrived, proof: { jkt: string; ath?: string }): Response {
    const token = /^DPoP (.+)$/.exec(headers.get("Authorization") ?? "")?.[1] ?? "";
    const session = this.sessions.find(({ accessToken }) => accessToken === token);
    if (!session) {
      return problem(401, "token_expired");
    }
    if (session.ended) {
      return problem(session.ended === "user_disabled" ? 403 : 401, session.ended);
    }
    if (proof.ath !== hashed(token) || proof.jkt !== session.jkt) {
      return problem(401, "proof_mismatch");
    }
    if (this.now() >= session.expiresAt) {
      return problem(401, "token_expired");
    }
    if (url.href === `${ISSUER}/v1/logout`) {
      session.ended = "session_ended";
      return Response.json({ ended: 1 });
    }
    return Response.json({ method, body, user: session.userId });
  }

  private text(prefix: string): string {
    this.count += 1;
    return `${prefix}_${this.count}`;
  }
}

/** A refusal as Countersign writes it. */
export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  const body = { type: `https://countersign.dev/problems/${code}`, title: code, status, detail: code, code };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
}

function isStream(body: unknown): boolean {
  return body instanceof ReadableStream;
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Countersign } from "./countersign.js";

/** The backend of a small app: logs in by name, refreshes, and has an API that asks who calls. */
export class Backend {
  /** How many answers to refreshes are lost, after they were done. */
  answersToLose = 0;
  /** How long the answer to a refresh is held back. */
  refreshDelayMs = 0;
  /** The statuses of the refreshes so far; 0 for a lost answer. */
  readonly refreshes: number[] = [];
  /** The statuses that the API answered with. */
  readonly answers: number[] = [];
  private countersign: Countersign | undefined;
  private clientId = "";
  private proxiedUrl = "";

  private constructor(
    private readonly server: Server,
    /** Serves what is not the app's own, page and script. */
    private readonly serveFile: (path: string, response: ServerResponse) => Promise<void>,
  ) {}

  /** Listens on a free port of localhost. */
  static async start(serveFile: Backend["serveFile"] = notFound): Promise<Backend> {
    const server = createServer();
    const backend = new Backend(server, serveFile);
    server.on("request", (request, response) => {
      backend.handle(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return backend;
  }

  /** Says where Countersign is; `proxiedUrl` is its listener behind this origin, if it is reached through it. */
  connect(countersign: Countersign, clientId: string, proxiedUrl = ""): void {
    this.countersign = countersign;
    this.clientId = clientId;
    this.proxiedUrl = proxiedUrl;
  }

  /** Its origin. */
  get origin(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", this.origin);
    const body = await bodyOf(request);
    switch (pathname) {
      case "/login":
        return this.login(request, response, JSON.parse(body));
      case "/refresh":
        return this.refresh(request, response, JSON.parse(body));
    }
    if (pathname.startsWith("/api/")) {
      return this.api(request, response, body);
    }
    const isProxied = this.proxiedUrl !== "" && /^\/(v1|oauth|\.well-known)\//.test(pathname);
    return isProxied ? this.proxy(request, response, body) : this.serveFile(pathname, response);
  }

  private async login(request: IncomingMessage, response: ServerResponse, body: Relayed): Promise<void> {
    if (body.password !== "right") {
      return json(response, 401, { error: "wrong password" });
    }
    const { user: user_id, device } = body;
    return hand(response, await this.register(request, "/login", { event: "login", user_id, amr: ["pwd"], device }));
  }

  private async refresh(request: IncomingMessage, response: ServerResponse, body: Relayed): Promise<void> {
    const { user_id, device, refresh_token } = body;
    const answer = await this.register(request, "/refresh", { event: "refresh", user_id, device, refresh_token });
    await new Promise((resolve) => setTimeout(resolve, this.refreshDelayMs));
    if (this.answersToLose > 0) {
      this.answersToLose -= 1;
      this.refreshes.push(0);
      request.socket.destroy();
      return;
    }
    this.refreshes.push(answer.status);
    return hand(response, answer);
  }

  private register(request: IncomingMessage, path: string, session: object): Promise<Response> {
    const { dpop: jwt, "user-agent": user_agent } = request.headers;
    const proof = { jwt, htm: request.method, htu: `${this.origin}${path}` };
    return this.ask("/v1/sessions", { ...session, client_id: this.clientId, proof, user_agent });
  }

  private async api(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const [scheme, token] = (request.headers.authorization ?? "").split(" ");
    const url = `${this.origin}${request.url}`;
    const question = { token, scheme, proof: request.headers["dpop"], method: request.method, url };
    const verdict = (await (await this.ask("/v1/verify", question)).json()) as Verdict;
    const { status = 200 } = verdict;
    this.answers.push(status);
    const nonce = verdict.dpop_nonce && { "DPoP-Nonce": verdict.dpop_nonce };
    if (verdict.allowed) {
      return json(response, 200, { user: verdict.user_id, device: verdict.device_id, body }, { ...nonce });
    }
    const challenge = verdict.www_authenticate && { "WWW-Authenticate": verdict.www_authenticate };
    const type = `https://countersign.dev/problems/${verdict.code}`;
    return json(response, status, { type, code: verdict.code }, { ...nonce, ...challenge });
  }

  /** As a reverse proxy would. */
  private async proxy(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const names = ["authorization", "dpop", "content-type"];
    const headers = names.flatMap((name) => (request.headers[name] ? [[name, String(request.headers[name])]] : []));
    const method = request.method ?? "GET";
    const sent = { method, headers: Object.fromEntries(headers), ...(body && { body }) };
    return hand(response, await fetch(`${this.proxiedUrl}${request.url}`, sent));
  }

  private ask(path: string, body: object): Promise<Response> {
    if (!this.countersign) {
      throw new Error("not connected");
    }
    const { internalUrl, apiKey } = this.countersign;
    const headers = { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" };
    return fetch(`${internalUrl}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  }
}

interface Relayed {
  readonly user?: string;
  readonly password?: string;
  readonly user_id?: string;
  readonly refresh_token?: string;
  readonly device?: object;
}

interface Verdict {
  readonly allowed: boolean;
  readonly status?: number;
  readonly code?: string;
  readonly user_id?: string;
  readonly device_id?: string;
  readonly www_authenticate?: string;
  readonly dpop_nonce?: string;
}

/** Hands an answer of Countersign on, as a relay has to. */
async function hand(response: ServerResponse, answer: Response): Promise<void> {
  const body = await answer.text();
  const problem = answer.ok ? {} : (JSON.parse(body) as { www_authenticate?: string; dpop_nonce?: string });
  const challenge = problem.www_authenticate ?? answer.headers.get("www-authenticate");
  const nonce = problem.dpop_nonce ?? answer.headers.get("dpop-nonce");
  response.writeHead(answer.status, {
    "Content-Type": answer.headers.get("content-type") ?? "application/json",
    ...(challenge && { "WWW-Authenticate": challenge }),
    ...(nonce && { "DPoP-Nonce": nonce }),
  });
  response.end(body);
}

async function json(response: ServerResponse, status: number, body: object, headers = {}): Promise<void> {
  response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function notFound(_path: string, response: ServerResponse): Promise<void> {
  response.writeHead(404).end();
}

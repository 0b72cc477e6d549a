import type { IncomingMessage } from 'node:http'

export interface Options {
  /** The service's internal address or a sidecar's: `http://…`, `https://…` or `unix:/path/of/a/socket`. */
  url: string
  /** An API key with the scopes `verify` and, for relaying, `sessions:write`. */
  apiKey: string
  /** What devices put in front of a path: `https://api.example`. Never taken from a request. */
  publicUrl: string
  /** For one judgement, in total; 1000. */
  timeoutMs?: number
  /** For one login or refresh, in total; 5000. */
  relayTimeoutMs?: number
  /** How many proxies in front append to `X-Forwarded-For`; 0 reads the socket. Only for the device's address. */
  trustProxy?: number
  /** Told when the service could not answer, never with a secret; `console.error`. */
  log?: (message: string, fields: { cause: string }) => void
}

export type Trust = 'unknown' | 'trusted' | 'corporate'

export interface Demands {
  /** `false` lets requests without `Authorization` through, without a device; `true`. */
  required?: boolean
  /** The least trust. */
  minTrust?: Trust
  /** The device must be known to meet the rules. */
  requireCompliant?: boolean
  /** The session must be bound to a device key. */
  requireKey?: boolean
}

/** Whose request it is, under the names of the HTTP API. */
export interface Device {
  readonly session_id: string
  readonly user_id: string
  readonly client_id: string
  readonly device_id: string
  readonly app_id: string
  readonly trust: string
  readonly compliance: string
  readonly platform: string
  readonly app_version: string | null
  readonly amr: readonly string[]
  readonly key_bound: boolean
  /** When the token expires (RFC 3339). */
  readonly expires_at: string
}

/** A problem (RFC 9457) with the closed `code` to branch on. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  code: string
  [member: string]: unknown
}

/** `headers` go onto the app's answer in either case. */
export type Verdict =
  | { allowed: true; device: Device | null; headers: Record<string, string> }
  | { allowed: false; status: number; headers: Record<string, string>; body: Problem }

/** A Node request, or a framework's that carries one as `raw`. */
export type AnyRequest = (IncomingMessage | { raw: IncomingMessage }) & { body?: any }

export interface Login {
  clientId: string
  userId: string | number
  /** How the user authenticated (RFC 8176). */
  amr?: string[]
  /** `login`. */
  event?: 'login' | 'signup'
  /** What the device says of itself; `request.body.device`. */
  device?: object
  /** The app's own tokens, to be adopted by hash. */
  tokens?: object
}

/** What is not given is taken from `request.body`: `user_id`, `refresh_token`, `device`, `tokens`. */
export interface Refresh {
  clientId: string
  userId?: string | number
  refreshToken?: string
  device?: object
  tokens?: object
}

/** What to answer the device. */
export interface Relayed {
  status: number
  headers: Record<string, string>
  body: Record<string, unknown>
}

export class RelayError extends Error implements Relayed {
  status: number
  headers: Record<string, string>
  body: Problem
}

export interface Countersign {
  /** Judges a request. A second call for the same request answers from the first. Never rejects for a reason of the service's. */
  verify(request: AnyRequest, demands?: Demands): Promise<Verdict>
  /** Registers a login that the app let through. Rejects with `RelayError`. */
  relayLogin(request: AnyRequest, login: Login): Promise<Relayed>
  /** Has a device's tokens rotated. Rejects with `RelayError`. */
  relayRefresh(request: AnyRequest, refresh: Refresh): Promise<Relayed>
  /** Closes idle connections. */
  close(): void
}

export function countersign(options: Options): Countersign

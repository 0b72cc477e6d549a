/** What the store holds, and how it is read back. */

import type { RegisteredSession } from "./api.js";
import { type EndCode, isEndCode, isErrorCode } from "./codes.js";
import { type LoginReason, UnexpectedAnswerError } from "./errors.js";

/** The shape of the texts in the store; one of another version counts as absent. */
const VERSION = 1;

/** What a session is used with: the server's answer, of tokens that are bound to a key. */
export interface BoundSession extends RegisteredSession {
  readonly access_token: string;
  readonly token_type: "DPoP";
}

/** A session that is not known to be over. */
export interface LiveRecord {
  readonly kind: "live";
  readonly registered: BoundSession;
  /** The thumbprint of the key that it is bound to. */
  readonly jkt: string;
  /** When its tokens came, in milliseconds of the server's time. */
  readonly receivedAt: number;
  /** How wrong the device's clock was then. */
  readonly skewMs: number;
}

/** The session, or why there is none; every tab reads the same. */
export type SessionRecord =
  | LiveRecord
  | { readonly kind: "ended"; readonly code: EndCode }
  | { readonly kind: "login_required"; readonly reason: LoginReason };

/** What is kept of the installation. */
export interface InstallationRecord {
  readonly installationId: string;
  /** Whether it ever logged in: a missing session was lost then. */
  readonly isRegistered: boolean;
}

/** Writes a record as the store's text. */
export function written(record: SessionRecord | InstallationRecord): string {
  return JSON.stringify({ version: VERSION, record });
}

/** Reads a session's text; `undefined` if it is none. */
export function readSession(text: string | undefined): SessionRecord | undefined {
  const record = readRecord(text);
  switch (record?.["kind"]) {
    case "live":
      return isLive(record) ? record : undefined;
    case "ended":
      return isErrorCode(record["code"]) && isEndCode(record["code"]) ? { kind: "ended", code: record["code"] } : undefined;
    case "login_required":
      return isLoginReason(record["reason"]) ? { kind: "login_required", reason: record["reason"] } : undefined;
    default:
      return undefined;
  }
}

/** Reads an installation's text; `undefined` if it is none. */
export function readInstallation(text: string | undefined): InstallationRecord | undefined {
  const record = readRecord(text);
  const installationId = record?.["installationId"];
  return typeof installationId === "string"
    ? { installationId, isRegistered: record?.["isRegistered"] === true }
    : undefined;
}

/** Checks what a login or refresh answered. */
export function boundSession(status: number, answer: unknown): BoundSession {
  if (!isBoundSession(answer)) {
    throw new UnexpectedAnswerError(status, answer);
  }
  // Neither is for keeping: the nonce is soon too old, and a device with a key gets no secret.
  const { dpop_nonce: _nonce, device_secret: _secret, ...kept } = answer;
  return kept;
}

/** An object, read member by member. */
export function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

const LOGIN_REASONS: Record<LoginReason, true> = {
  no_session: true,
  logged_out: true,
  key_lost: true,
  tokens_lost: true,
  user_changed: true,
};

function isLoginReason(value: unknown): value is LoginReason {
  return typeof value === "string" && Object.hasOwn(LOGIN_REASONS, value);
}

function readRecord(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const parsed = asObject(JSON.parse(text ?? "null"));
    return parsed?.["version"] === VERSION ? asObject(parsed["record"]) : undefined;
  } catch {
    return undefined;
  }
}

function isLive(record: unknown): record is LiveRecord {
  const live = asObject(record);
  return (
    typeof live?.["jkt"] === "string" &&
    typeof live["receivedAt"] === "number" &&
    typeof live["skewMs"] === "number" &&
    isBoundSession(live["registered"])
  );
}

function isBoundSession(value: unknown): value is BoundSession {
  const session = asObject(value);
  const texts = ["session_id", "user_id", "device_id", "app_id", "installation_id", "access_token"];
  return session?.["token_type"] === "DPoP" && texts.every((name) => typeof session[name] === "string");
}

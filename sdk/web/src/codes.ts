/** What each error code means for a session: the one table that decides it. */

import type { ErrorCode } from "./api.js";

/** What a refusal asks of whoever sent the request. */
export type Consequence =
  /** The session is over for good: log in again. */
  | "ends_session"
  /** Over as well, and the device's key is dead: log in again with a new one. */
  | "ends_session_and_key"
  /** The access token is of no use any more: refresh. */
  | "refresh"
  /** The proof must carry the nonce of the answer (RFC 9449 section 8). */
  | "prove_with_nonce"
  /** The proof's time is wrong: correct the clock. */
  | "prove_with_time"
  /** The network delivered the request twice, and the answer to the first is lost. */
  | "prove_again"
  /** The session lives and nothing here can mend the request. */
  | "none";

const CONSEQUENCES = {
  session_ended: "ends_session",
  session_expired: "ends_session",
  client_ended: "ends_session",
  client_disabled: "ends_session",
  refresh_invalid: "ends_session",
  refresh_reused: "ends_session",
  user_disabled: "ends_session",
  device_removed: "ends_session",
  device_evicted: "ends_session",
  device_banned: "ends_session",
  device_revoked: "ends_session_and_key",
  key_retired: "ends_session_and_key",
  token_expired: "refresh",
  token_invalid: "refresh",
  use_dpop_nonce: "prove_with_nonce",
  proof_expired: "prove_with_time",
  proof_replayed: "prove_again",
  invalid_request: "none",
  unauthenticated: "none",
  proof_required: "none",
  scheme_mismatch: "none",
  proof_invalid: "none",
  proof_mismatch: "none",
  key_mismatch: "none",
  refresh_superseded: "none",
  unsupported_grant_type: "none",
  client_unknown: "none",
  issuer_not_trusted: "none",
  id_token_invalid: "none",
  id_token_expired: "none",
  id_token_audience_mismatch: "none",
  id_token_nonce_mismatch: "none",
  id_token_used: "none",
  issuer_unavailable: "none",
  insufficient_scope: "none",
  proxy_not_trusted: "none",
  forwarded_request_invalid: "none",
  device_suspended: "none",
  insufficient_trust: "none",
  not_compliant: "none",
  key_required: "none",
  report_mismatch: "none",
  report_replayed: "none",
  ticket_invalid: "none",
  account_frozen: "none",
  device_limit_reached: "none",
  challenge_unknown: "none",
  challenge_expired: "none",
  challenge_mismatch: "none",
  approval_pending: "none",
  approval_rejected: "none",
  attestation_required: "none",
  attestation_invalid: "none",
  attestation_insufficient: "none",
  attestation_unavailable: "none",
  not_found: "none",
  method_not_allowed: "none",
  conflict: "none",
  token_ended: "none",
  version_mismatch: "none",
  payload_too_large: "none",
  unsupported_media_type: "none",
  rate_limited: "none",
  internal: "none",
  timeout: "none",
  unavailable: "none",
  outcome_unknown: "none",
  storage_full: "none",
} as const satisfies Record<ErrorCode, Consequence>;

type Table = typeof CONSEQUENCES;

/** The codes that end a session. */
export type EndCode = {
  [Code in ErrorCode]: Table[Code] extends "ends_session" | "ends_session_and_key" ? Code : never;
}[ErrorCode];

/** Looks up what a code means for a session. */
export function consequenceOf(code: ErrorCode): Consequence {
  return CONSEQUENCES[code];
}

/** Whether a text is one of the codes. */
export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === "string" && Object.hasOwn(CONSEQUENCES, text);
}

/** Whether a code ends the session. */
export function isEndCode(code: ErrorCode): code is EndCode {
  return CONSEQUENCES[code].startsWith("ends_session");
}

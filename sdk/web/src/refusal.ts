/** Reading why an answer refuses. */

import type { ErrorCode, Problem } from "./api.js";
import { isErrorCode } from "./codes.js";
import { RefusedError, UnexpectedAnswerError } from "./errors.js";
import { asObject } from "./record.js";

/** A refusal by Countersign, from it or handed on by a backend. */
export type Refusal = Readonly<Partial<Problem>> & { readonly code: ErrorCode; readonly status: number };

/** What OAuth calls things (RFC 6749 section 5.2, RFC 6750 section 3.1, RFC 9449), where there is no code beside it. */
const OAUTH_ERRORS: Readonly<Record<string, ErrorCode>> = {
  use_dpop_nonce: "use_dpop_nonce",
  invalid_dpop_proof: "proof_invalid",
  invalid_token: "token_invalid",
  invalid_grant: "refresh_invalid",
};

/** Reads the refusal of an answer's status, headers and parsed body; `undefined` if it is not Countersign's. */
export function refusalOf(response: Response, body: unknown): Refusal | undefined {
  if (response.ok) {
    return undefined;
  }
  const problem = asObject(body) ?? {};
  const challenged = oauthError(challenge(response.headers));
  const code = isErrorCode(problem["code"]) ? problem["code"] : (oauthError(problem["error"]) ?? challenged);
  return code && { ...problem, code, status: response.status };
}

/** Throws what an answer refuses with. */
export function refuse(response: Response, body: unknown): never {
  const refusal = refusalOf(response, body);
  throw refusal ? new RefusedError(refusal) : new UnexpectedAnswerError(response.status, body);
}

/** Reads an answer's body: JSON, the text where it is none, `undefined` where it is empty. */
export async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}

function oauthError(error: unknown): ErrorCode | undefined {
  return typeof error === "string" && Object.hasOwn(OAUTH_ERRORS, error) ? OAUTH_ERRORS[error] : undefined;
}

/** The `error` of a DPoP challenge; other schemes are none of our business. */
function challenge(headers: Headers): string | undefined {
  const text = headers.get("WWW-Authenticate") ?? "";
  return /\bDPoP\b.*?\berror="([^"]*)"/i.exec(text)?.[1];
}

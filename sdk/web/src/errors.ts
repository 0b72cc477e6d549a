/** Why something did not work; every error of the SDK is one of `CountersignFailure`. */

import type { ErrorCode, Problem } from "./api.js";
import type { EndCode } from "./codes.js";

/** Any error that the SDK throws on purpose; branch on `kind`. */
export type CountersignFailure =
  | RefusedError
  | SessionEndedError
  | LoginRequiredError
  | TransportError
  | UnexpectedAnswerError
  | OriginNotListedError
  | BodyNotRepeatableError
  | UnsupportedError;

/** Why the user has to log in, when the server did not end the session. */
export type LoginReason =
  /** Nobody has logged in on this device yet. */
  | "no_session"
  /** The user logged out here. */
  | "logged_out"
  /** The browser lost the device's key or its whole storage. */
  | "key_lost"
  /** The newest refresh token was lost; the older ones are of no use. */
  | "tokens_lost"
  /** Another user has logged in on this device meanwhile. */
  | "user_changed";

/** The base of the SDK's errors, for `instanceof`. */
export abstract class CountersignError extends Error {
  /** Which error it is. */
  abstract readonly kind: string;

  override get name(): string {
    return this.constructor.name;
  }
}

/** The server refused, and the session lives. */
export class RefusedError extends CountersignError {
  readonly kind = "refused";

  /** `problem` is the server's answer in full. */
  constructor(readonly problem: Readonly<Partial<Problem>> & { code: ErrorCode; status: number }) {
    super(`refused with ${problem.code}: ${problem.detail ?? problem.title ?? "no detail given"}`);
  }

  /** The closed code to branch on. */
  get code(): ErrorCode {
    return this.problem.code;
  }

  /** The HTTP status. */
  get status(): number {
    return this.problem.status;
  }
}

/** The server ended the session; its tokens are gone from here. */
export class SessionEndedError extends CountersignError {
  readonly kind = "session_ended";

  /** `code` says how it ended. */
  constructor(readonly code: EndCode) {
    super(`the session is over: ${code}`);
  }
}

/** There is no session here; the next login mends that. */
export class LoginRequiredError extends CountersignError {
  readonly kind = "login_required";

  /** `reason` says why there is none. */
  constructor(readonly reason: LoginReason) {
    super(`a login is required: ${reason}`);
  }
}

/** No complete answer came; whether the server did what was asked is not known. */
export class TransportError extends CountersignError {
  readonly kind = "transport";

  /** `cause` is what `fetch` rejected with. */
  constructor(cause: unknown) {
    super("no complete answer came", { cause });
  }
}

/**
 * The answer is none of Countersign's API.
 *
 * An app's own refusal of a login, a wrong password say, comes as this, with its status and body.
 */
export class UnexpectedAnswerError extends CountersignError {
  readonly kind = "unexpected_answer";

  /** `body` is the parsed JSON, or the text where it is none. */
  constructor(
    readonly status: number,
    readonly body: unknown,
  ) {
    super(`an answer with status ${status} that is none of Countersign's`);
  }
}

/** The URL's origin is not among `origins`, so nothing was sent there. */
export class OriginNotListedError extends CountersignError {
  readonly kind = "origin_not_listed";

  /** `origin` is the origin that was asked for. */
  constructor(readonly origin: string) {
    super(`${origin} is not among the origins that may see the token`);
  }
}

/** The request must be sent again, and its body was a stream, which is used up. */
export class BodyNotRepeatableError extends CountersignError {
  readonly kind = "body_not_repeatable";

  /** Says what to pass instead. */
  constructor() {
    super("the request must be sent again, but its body is a stream: pass a Blob or a buffer, or call again");
  }
}

/** The platform lacks something that the SDK needs. */
export class UnsupportedError extends CountersignError {
  readonly kind = "unsupported";

  /** `missing` names it. */
  constructor(readonly missing: string) {
    super(`this platform has no ${missing}: plug one in`);
  }
}

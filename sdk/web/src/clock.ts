/** How far the server's clock is from the device's. */

/** `Date` has whole seconds (RFC 9110 section 5.6.7). */
const RESOLUTION_MS = 1_000;

/** When a request left and its answer came, in milliseconds on the device's clock. */
export interface Exchange {
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** The server's time, as far as its answers showed it. */
export class ServerClock {
  private skew: number | undefined;

  /** `deviceNow` is the device's own time in milliseconds since 1970. */
  constructor(private readonly deviceNow: () => number) {}

  /** The device's own time. */
  deviceTime(): number {
    return this.deviceNow();
  }

  /** The server's time in milliseconds since 1970. */
  now(): number {
    return this.deviceNow() + this.skewMs;
  }

  /** What to add to the device's clock to get the server's. */
  get skewMs(): number {
    return this.skew ?? 0;
  }

  /** Takes what an earlier page measured, unless this one has measured already. */
  recall(skewMs: number): void {
    this.skew ??= skewMs;
  }

  /** Takes the `Date` of an answer; whether the clock was wrong. */
  learn(date: string | null, exchange: Exchange): boolean {
    const dated = date === null ? Number.NaN : Date.parse(date);
    const least = dated - exchange.receivedAt;
    const most = dated + RESOLUTION_MS - exchange.sentAt;
    // A clock that was set during the exchange leaves an empty range: nothing is learned.
    if (Number.isNaN(dated) || least > most) {
      return false;
    }
    if (least <= this.skewMs && this.skewMs <= most) {
      this.skew = this.skewMs;
      return false;
    }
    this.skew = Math.trunc((least + most) / 2);
    return true;
  }
}

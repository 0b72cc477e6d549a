/** The device fingerprint: a recognition hint, never identity and never proof. */

import { hex, utf8 } from "./encoding.js";
import { type Platform, platformWith } from "./platform.js";

/** Rarely changing attributes of a browser or device. */
export interface FingerprintAttributes {
  /** The user agent string. */
  readonly userAgent: string;
  /** Width and height, like `1920x1080`. */
  readonly screen: string;
  /** IANA time zone, like `America/New_York`. */
  readonly timezone: string;
  /** BCP 47 language tag, like `en-US`. */
  readonly language: string;
  /** What the platform calls itself, like `MacIntel`. */
  readonly platform: string;
  /** Hash of a drawn canvas; absent and empty are the same. */
  readonly canvas?: string | null | undefined;
}

/** SHA-256, in hexadecimal, of the attributes as Python's `json.dumps(…, sort_keys=True)` writes them. */
export async function fingerprint(
  attributes: FingerprintAttributes,
  platform: Pick<Platform, "sha256"> = platformWith(),
): Promise<string> {
  return hex(await platform.sha256(utf8(canonicalJson(attributes))));
}

/** The attributes of the browser that this runs in, without a canvas. */
export function browserAttributes(): FingerprintAttributes {
  return {
    userAgent: navigator.userAgent,
    screen: `${screen.width}x${screen.height}`,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    language: navigator.language,
    platform: navigator.platform,
  };
}

/** Keys in order, `", "` and `": "` between. */
function canonicalJson(attributes: FingerprintAttributes): string {
  const members: [string, string | null | undefined][] = [
    ["canvas", attributes.canvas || undefined],
    ["lang", attributes.language],
    ["platform", attributes.platform],
    ["screen", attributes.screen],
    ["tz", attributes.timezone],
    ["ua", attributes.userAgent],
  ];
  const written = members.flatMap(([name, value]) => (typeof value === "string" ? [`"${name}": ${ascii(value)}`] : []));
  return `{${written.join(", ")}}`;
}

/** A JSON string with Python's `ensure_ascii` escapes: JSON.stringify leaves DEL and everything above as it is. */
function ascii(value: string): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** ECDSA signatures as operating systems give them. */

import type { Bytes } from "./encoding.js";

/** Bytes of each half of an ES256 signature (RFC 7518 section 3.4). */
const HALF = 32;

const SEQUENCE = 0x30;

const INTEGER = 0x02;

/**
 * Turns an ECDSA signature over P-256 from DER (RFC 3279 section 2.2.3) into the 64 bytes that `DeviceKey.sign` gives.
 *
 * iOS, Android and most native libraries sign in DER. Throws `TypeError` for anything else.
 */
export function rawSignature(der: Uint8Array): Bytes {
  const [r, afterR] = integer(der, 2);
  const [s, end] = integer(der, afterR);
  if (der[0] !== SEQUENCE || der[1] !== der.length - 2 || end !== der.length) {
    throw notDer();
  }
  const raw = new Uint8Array(2 * HALF);
  raw.set(r, HALF - r.length);
  raw.set(s, 2 * HALF - s.length);
  return raw;
}

/** The magnitude of the integer at an offset, without the zeros before it, and where the next one begins. */
function integer(der: Uint8Array, offset: number): [Uint8Array, number] {
  const length = der[offset + 1] ?? 0;
  const begin = offset + 2;
  const end = begin + length;
  if (der[offset] !== INTEGER || length === 0 || end > der.length) {
    throw notDer();
  }
  const bytes = der.subarray(begin, end);
  const first = bytes.findIndex((byte) => byte !== 0);
  const magnitude = first < 0 ? bytes.subarray(length) : bytes.subarray(first);
  if (magnitude.length > HALF) {
    throw notDer();
  }
  return [magnitude, end];
}

function notDer(): TypeError {
  return new TypeError("not an ECDSA signature over P-256 in DER");
}

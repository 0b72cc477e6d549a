import { createSign, generateKeyPairSync, randomBytes, verify } from "node:crypto";
import { expect, test } from "vitest";
import { rawSignature } from "../../src/der.js";
import { base64url, hex, uuidV4 } from "../../src/encoding.js";

test("base64url and hex are what Node writes", () => {
  for (let length = 0; length < 70; length += 1) {
    const bytes = randomBytes(length);
    expect(base64url(bytes)).toBe(bytes.toString("base64url"));
    expect(hex(bytes)).toBe(bytes.toString("hex"));
  }
});

test("a UUID has version 4 and its variant", () => {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  for (const random of [new Uint8Array(16), new Uint8Array(16).fill(255), randomBytes(16)]) {
    expect(uuidV4(random)).toMatch(form);
  }
});

test("a signature in DER becomes the same signature in 64 bytes", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // Halves that begin with zeros are one in 256: enough tries to meet both kinds.
  for (let round = 0; round < 1_000; round += 1) {
    const data = Buffer.from(`${round}`);
    const raw = rawSignature(createSign("SHA256").update(data).sign(privateKey));
    expect(raw).toHaveLength(64);
    expect(verify("SHA256", data, { key: publicKey, dsaEncoding: "ieee-p1363" }, raw)).toBe(true);
  }
});

test.each(["", "30", "3006020101020101ff", "3005020101020101", "3006030101020101", "3007020101020101", "30080201010204010101"])(
  "what is no signature is refused: %s",
  (text) => {
    expect(() => rawSignature(Buffer.from(text, "hex"))).toThrow(TypeError);
  },
);

test("a half that is too long is refused", () => {
  const long = Buffer.concat([Buffer.from("302602210101", "hex"), Buffer.alloc(31, 1), Buffer.from("01020101", "hex")]);
  expect(() => rawSignature(long)).toThrow(TypeError);
});

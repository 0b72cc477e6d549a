import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { fingerprint } from "../../src/fingerprint.js";

interface Vector {
  user_agent: string;
  screen: string;
  timezone: string;
  language: string;
  platform: string;
  canvas: string | null;
  fingerprint: string;
}

const VECTORS = new URL("../../../../crates/core/tests/fingerprint-vectors.json", import.meta.url);

test("equals what Python and core compute", async () => {
  const vectors = JSON.parse(await readFile(VECTORS, "utf8")) as Vector[];
  expect(vectors.length).toBeGreaterThanOrEqual(12);
  for (const { user_agent: userAgent, fingerprint: expected, ...rest } of vectors) {
    expect(await fingerprint({ userAgent, ...rest }), userAgent).toBe(expected);
  }
});

test("an absent canvas and an empty one are the same", async () => {
  const attributes = { userAgent: "a", screen: "1x1", timezone: "UTC", language: "en", platform: "x" };
  expect(await fingerprint(attributes)).toBe(await fingerprint({ ...attributes, canvas: "" }));
  expect(await fingerprint(attributes)).not.toBe(await fingerprint({ ...attributes, canvas: "b" }));
});

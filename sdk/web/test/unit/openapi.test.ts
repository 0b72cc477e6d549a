import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { GENERATED, openapiTypesSource } from "../../scripts/openapi-types.mjs";
import { isErrorCode } from "../../src/codes.js";

const SPECIFICATION = new URL("../../../../docs/openapi.json", import.meta.url);

test("the types are those of docs/openapi.json (else: npm run generate)", async () => {
  expect(await readFile(GENERATED, "utf8")).toBe(await openapiTypesSource());
});

test("every error code has a consequence", async () => {
  const { components } = JSON.parse(await readFile(SPECIFICATION, "utf8"));
  const codes: unknown[] = components.schemas.ErrorCode.enum;
  expect(codes.filter((code) => !isErrorCode(code))).toEqual([]);
  expect(isErrorCode("toString")).toBe(false);
});

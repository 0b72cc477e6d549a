import openapiTypes, { astToString } from "openapi-typescript";

const SPECIFICATION = new URL("../../../docs/openapi.json", import.meta.url);

const HEADER = "// Generated from docs/openapi.json by `npm run generate`; not to be edited.\n\n";

/** Where the generated types are kept. */
export const GENERATED = new URL("../src/openapi.ts", import.meta.url);

/** Writes the types of docs/openapi.json as TypeScript. */
export async function openapiTypesSource() {
  return HEADER + astToString(await openapiTypes(SPECIFICATION, { immutable: true }));
}

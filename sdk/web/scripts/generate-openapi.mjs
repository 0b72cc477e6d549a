import { writeFile } from "node:fs/promises";
import { GENERATED, openapiTypesSource } from "./openapi-types.mjs";

await writeFile(GENERATED, await openapiTypesSource());

export const GENERATED: URL;
export function openapiTypesSource(): Promise<string>;

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

test("what the README shows compiles", async () => {
  const text = await readFile(`${ROOT}README.md`, "utf8");
  const blocks = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
  expect(blocks.length).toBeGreaterThanOrEqual(7);
  expect(diagnosed(blocks)).toEqual([]);
});

/** What the compiler says of each block as a module of its own. */
function diagnosed(blocks: readonly string[]): string[] {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const files = new Map(blocks.map((code, index) => [`${ROOT}test/README-${index}.ts`, code]));
  const paths = { "@countersign/web": [`${ROOT}src/index.ts`] };
  // What a reader does not use is no mistake of theirs.
  const settings = { ...options, paths, noUnusedLocals: false, types: [] };
  const host = ts.createCompilerHost(settings);
  const readFile = host.readFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.getSourceFile = (name, target) => {
    const code = host.readFile(name);
    return code === undefined ? undefined : ts.createSourceFile(name, code, target);
  };
  const program = ts.createProgram([...files.keys()], settings, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file?.getLineAndCharacterOfPosition(start).line ?? 0;
    return `${file?.fileName.replace(ROOT, "")}:${line + 1} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

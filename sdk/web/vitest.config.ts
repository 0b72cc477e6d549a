import { defineConfig } from "vitest/config";

const project = (name: string, timeoutMs: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
  },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    minWorkers: 1,
    projects: [project("unit", 10_000), project("integration", 30_000), project("browser", 180_000)],
  },
});

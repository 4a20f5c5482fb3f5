/** @type {import('jest').Config} */
export default {
  testEnvironment: "node",
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "es6" }, sourceMaps: "inline" },
    ],
  },
  // On two cores: a server, an encoder and a browser each.
  maxWorkers: 3,
  // What tests wait for has limits of its own, which say what was waited for: this one is for what hangs.
  testTimeout: 180_000,
};

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts'], environment: 'node', pool: 'forks', testTimeout: 15_000 } },
      { test: { name: 'product', include: ['test/**/*.test.ts'], exclude: ['test/long/**'], environment: 'node', pool: 'forks', fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 } },
      { test: { name: 'long', include: ['test/long/**/*.test.ts'], environment: 'node', pool: 'forks', fileParallelism: false, testTimeout: 3_600_000, hookTimeout: 120_000 } },
    ],
  },
})

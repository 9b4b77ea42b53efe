// The test projects: unit (beside the sources), integration (real programs, no nodes), e2e (real clusters of containers)
// vm (a real cluster whose node is a virtual machine) and vm-kata (the same with a real Kata that is given by hand).
import { defineConfig } from 'vitest/config';

const notSources = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...notSources, 'test/**'],
          globalSetup: ['test/archives/ensure-programs.ts'],
          // Files share one module cache: importing again and again costs four times the tests themselves.
          isolate: false,
          // A machine may be busy; how long a test takes is no claim of any.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: [...notSources, 'test/e2e/**', 'test/vm/**', 'test/vm-kata/**'],
          globalSetup: ['test/archives/ensure-programs.ts'],
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: notSources,
          globalSetup: ['test/archives/ensure-programs.ts', 'test/e2e/global-setup.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: 'vm',
          include: ['test/vm/**/*.test.ts'],
          exclude: notSources,
          globalSetup: ['test/vm/global-setup.ts'],
          fileParallelism: false,
          // One claim may need the node to boot, under emulation.
          testTimeout: 1_200_000,
          hookTimeout: 1_200_000,
        },
      },
      {
        test: {
          name: 'vm-kata',
          include: ['test/vm-kata/**/*.test.ts'],
          exclude: notSources,
          globalSetup: ['test/vm-kata/global-setup.ts'],
          fileParallelism: false,
          hookTimeout: 1_200_000,
        },
      },
    ],
  },
});

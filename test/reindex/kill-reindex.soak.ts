import { describe, expect, it } from 'vitest';
import { killReindexes } from './kill-reindex.ts';

describe('a reindex that is killed', () => {
  it('at thirty random moments serves, repeats nothing and ends as if undisturbed', async () => {
    const seed = Number(process.env.SEED ?? Date.now());
    const report = await killReindexes(30, seed);
    console.log(`kill -9, seed ${seed}: ${JSON.stringify(report)}`);
    expect(report.old + report.next).toBe(30);
    expect(Object.keys(report.phases).length).toBeGreaterThanOrEqual(4);
  }, 600_000);
});

import { describe, expect, it } from 'vitest';
import { killReindexes } from './kill-reindex.ts';

describe('a reindex that is killed', () => {
  // `npm run soak` does it thirty times.
  it('at six random moments loses neither the index nor a finished embedding', async () => {
    const report = await killReindexes(6, Date.now());
    console.log(`kill -9: ${JSON.stringify(report)}`);
    expect(report.old + report.next).toBe(6);
  }, 180_000);
});

/** An audit log in memory, whose entries a test can read. */

import type { AuditEntry, AuditLog } from '../src/store/audit-log.ts';

export interface MemoryAudit extends AuditLog {
  readonly entries: Omit<AuditEntry, 'at'>[];
}

export function createMemoryAudit(): MemoryAudit {
  const entries: MemoryAudit['entries'] = [];
  return {
    entries,
    record(entry) {
      entries.push(entry);
      return Promise.resolve();
    },
  };
}

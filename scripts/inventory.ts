/** npm run inventory: imports, reindexes and removes sources, and reports what there is. */

import { join } from 'node:path';
import { readConfig } from '../src/config/config.ts';
import type { Inventory } from '../src/reindex/inventory.ts';
import { ShrinkGuardError } from '../src/reindex/shrink-guard.ts';
import { RunEndedError } from '../src/reindex/run-history.ts';
import { displayLocation } from '../src/sources/open-source.ts';
import { createLogger } from '../src/util/logger.ts';
import { createApp } from '../src/create-app.ts';
import { AUDIT_FILE, type AuditLog, closeInterruptedRun, createAuditLog } from '../src/store/audit-log.ts';
import { auditRun } from './inventory/audit-run.ts';
import { type Call, type Command, parseCall, USAGE } from './inventory/parse-call.ts';
import {
  printAudit,
  printDuplicates,
  printPlan,
  printSource,
  printStatus,
  printSummary,
} from './inventory/print.ts';
import { writeRejections } from './inventory/write-rejections.ts';
import { createProgress } from './progress.ts';
import { runCommandLine } from './run-command-line.ts';

/** The exit code that shells expect of an interrupted program. */
const EXIT_INTERRUPTED = 130;

/** Commands that change nothing; they also work while the bot runs. */
const READING: readonly Command[] = ['status', 'plan', 'duplicates'];

const code = await runCommandLine(USAGE, run);
// Everything is closed, but a worker that died in native code may keep the process alive.
process.exit(code);

// --- Internal helpers ---

async function run(args: string[]): Promise<number> {
  const call = parseCall(args);
  const { command } = call;
  const config = readConfig();
  const auditFile = join(config.dataFolder, AUDIT_FILE);
  if (command === 'audit') {
    await printAudit(auditFile);
    return 0;
  }
  const logger = createLogger('warn', { stream: process.stderr });
  const audit = createAuditLog(auditFile, logger);
  const app = await createApp({
    config,
    logger,
    purpose: `npm run inventory -- ${command}`,
    mode: 'repair',
    readsOnly: READING.includes(command),
  });
  try {
    if (!app.isSnapshot) await closeInterruptedRun(auditFile, audit, await app.inventory.runs());
    if (command === 'status') await printStatus(app);
    else if (command === 'duplicates') printDuplicates(app);
    else {
      const { indexProblem, inventory } = app;
      if (indexProblem !== undefined) console.error(indexProblem);
      if (indexProblem !== undefined && command === 'reindex') console.error('This run rebuilds it.');
      return await work(inventory, audit, call, config.dataFolder);
    }
    return 0;
  } finally {
    await app.close();
  }
}

/** Runs a long command with its progress, until it ends or a signal stops it. */
async function work(inventory: Inventory, audit: AuditLog, call: Call, dataFolder: string): Promise<number> {
  const { command, argument, name, full, confirmed, settings } = call;
  const stopping = new AbortController();
  const stop = (signal: NodeJS.Signals): void => {
    // A second Ctrl-C exits at once, which loses nothing either.
    if (stopping.signal.aborted) process.exit(EXIT_INTERRUPTED);
    stopping.abort(
      new RunEndedError(
        signal === 'SIGINT' ? 'cancelled' : 'stopped',
        'Stopped. Finished embeddings are kept: run the same command again to continue.',
      ),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const progress = createProgress();
  const { signal } = stopping;
  const options = { signal, confirmed, who: 'npm run inventory', onProgress: progress.update };
  try {
    if (command === 'plan') {
      const plan = await inventory.plan(options);
      progress.stop();
      printPlan(plan);
      await writeRejections(dataFolder, plan.rejected);
      return 0;
    }
    const action = command === 'import' || command === 'remove' ? command : 'reindex';
    const summary = await auditRun(audit, { action, argument: auditedWords(call), signal }, () =>
      action === 'import'
        ? inventory.import(argument, { ...options, name, settings, onOpened: printSource })
        : action === 'remove'
          ? inventory.remove(argument, options)
          : inventory.reindex({ ...options, full }),
    );
    progress.stop();
    printSummary(summary);
    await writeRejections(dataFolder, summary.rejected);
    return 0;
  } catch (error) {
    progress.stop();
    if (error instanceof ShrinkGuardError) printPlan(error.plan);
    if (!signal.aborted) throw error;
    console.error((signal.reason as Error).message);
    return EXIT_INTERRUPTED;
  }
}

/** The arguments of a run as the audit log records them. */
function auditedWords({ argument, name, full, confirmed }: Call): string | undefined {
  const source = name ?? displayLocation(argument);
  const words = [source, full && 'full', confirmed.length > 0 && 'confirmed'].filter(Boolean);
  return words.length > 0 ? words.join(' ') : undefined;
}

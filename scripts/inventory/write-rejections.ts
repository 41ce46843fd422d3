/** Keeps all records that the last run could not use in a file, because the terminal only shows examples. */

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../src/util/errors.ts';
import { type Rejection, rejectionsCsv } from '../../src/reindex/rejections.ts';

/** In the data folder. */
export const REJECTIONS_FILE = 'rejected.csv';

/** Replaces the file of the run before; without rejected records there is none. A disk that is full does not fail the run. */
export async function writeRejections(dataFolder: string, rejected: readonly Rejection[]): Promise<void> {
  const file = join(dataFolder, REJECTIONS_FILE);
  try {
    if (rejected.length === 0) {
      await rm(file, { force: true });
      return;
    }
    await writeFile(file, rejectionsCsv(rejected));
    console.log(`All of them with their reasons: ${file}`);
  } catch (error) {
    console.error(`${file} cannot be written: ${messageOf(error)}`);
  }
}

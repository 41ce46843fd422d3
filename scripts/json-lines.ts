/** Writes a file of JSON lines. */

import { open } from 'node:fs/promises';

export interface JsonLines {
  write(line: object): Promise<void>;
  close(): Promise<void>;
}

/** Replaces a file that is there. @throws what `open` of `node:fs` throws. */
export async function openJsonLines(path: string): Promise<JsonLines> {
  const file = await open(path, 'w');
  return {
    async write(line) {
      await file.write(`${JSON.stringify(line)}\n`);
    },
    close: () => file.close(),
  };
}

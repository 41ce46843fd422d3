/** npm run embed: embeds a list of photos and writes a NumPy file. */

import { open, readFile } from 'node:fs/promises';
import { pMapIterable } from 'p-map';
import { readConfig } from '../src/config/config.ts';
import { defaultModelFolder, loadModel } from '../src/embed/model.ts';
import { openEmbedder } from '../src/embed/open-embedder.ts';
import { OperatorError, systemReason } from '../src/util/errors.ts';
import { createLogger } from '../src/util/logger.ts';
import { createPhotoDecoder } from '../src/photo/decode-photo.ts';
import { npyHeader } from './npy-header.ts';
import { parseOptions } from './parse-options.ts';
import { runCommandLine, UsageError } from './run-command-line.ts';

const USAGE = `Usage: npm run embed -- --list FILE --out VECTORS.npy

  --list FILE  text file with the path of one photo per line, relative to the working directory or absolute
  --out FILE   NumPy file, float32 [lines, dimension], in the order of the list; a photo that cannot be read
               becomes a row of NaN and is named on standard error`;

/** Photos in progress at the same time. */
const IN_FLIGHT = 16;

process.exitCode = await runCommandLine(USAGE, run);

// --- Internal helpers ---

async function run(args: string[]): Promise<number> {
  const { list, out } = parse(args);
  const paths = await readList(list);
  const config = readConfig();
  const model = await loadModel(config.modelFolder ?? (await defaultModelFolder(config.assetsFolder)));
  const { engine, tensorflowFolder } = config;
  const embedder = await openEmbedder({ model, engine, tensorflowFolder, logger: createLogger('warn') });
  const decoder = createPhotoDecoder();
  const { dimension } = model.manifest;
  let unreadable = 0;

  const embed = async (path: string): Promise<Float32Array> => {
    try {
      const pixels = await decoder.decode(await readFile(path), embedder.input, { priority: 'bulk' });
      return await embedder.embed(pixels, { priority: 'bulk' });
    } catch (error) {
      unreadable++;
      console.error(`${path}: ${systemReason(error)}`);
      return new Float32Array(dimension).fill(NaN);
    }
  };

  try {
    const file = await open(out, 'w').catch((error: unknown) => {
      throw new OperatorError(`Cannot write ${out}: ${systemReason(error)}.`);
    });
    try {
      await file.write(npyHeader([paths.length, dimension]));
      // Results arrive in order, although several photos are in progress. They are written at once, so memory does not grow with the list.
      for await (const embedding of pMapIterable(paths, embed, {
        concurrency: IN_FLIGHT,
        backpressure: 4 * IN_FLIGHT,
      })) {
        await file.write(new Uint8Array(embedding.buffer, embedding.byteOffset, embedding.byteLength));
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await embedder.close();
  }
  console.log(
    `Wrote ${out}: ${paths.length} rows of ${dimension} numbers; ${unreadable} rows are NaN because their photo could not be read.`,
  );
  return 0;
}

function parse(args: string[]): { list: string; out: string } {
  const options = { list: { type: 'string' }, out: { type: 'string' } } as const;
  const { list, out } = parseOptions({ args, options }).values;
  if (list === undefined) throw new UsageError('Expected --list with the photos to embed.');
  if (out === undefined) throw new UsageError('Expected --out with the file for the embeddings.');
  return { list, out };
}

/** Every line gives a row, even an empty one; empty lines at the end of the file do not count. */
async function readList(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new OperatorError(`Cannot read the list ${path}: ${systemReason(error)}.`);
  });
  const lines = text.split(/\r?\n/);
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

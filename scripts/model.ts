/** npm run model: imports a network that was trained elsewhere, averages models, or refits their classifiers. */

import { resolve } from 'node:path';
import { loadModel } from '../src/embed/model.ts';
import { averageModels, type Part } from './model/average-models.ts';
import { importModel } from './model/import-model.ts';
import { type ModelCall, parseModelCall, USAGE } from './model/parse-model-call.ts';
import { refitModel } from './model/refit-model.ts';
import { runCommandLine } from './run-command-line.ts';

process.exitCode = await runCommandLine(USAGE, run);

// --- Internal helpers ---

async function run(args: string[]): Promise<number> {
  const call = parseModelCall(args);
  console.log(await execute(call));
  return 0;
}

/** @returns a message with the result and the next step. */
async function execute(call: ModelCall): Promise<string> {
  switch (call.command) {
    case 'import': {
      const { folder, name } = call;
      const { side } = await importModel(call);
      return (
        `Wrote ${folder} (${side} px).\n` +
        `Try it:   MODEL_DIR=${folder} npm run inventory -- import PATH\n` +
        `Train it: npm run train -- --base ${folder} --frozen-until VALUE --out data/training/${name}`
      );
    }
    case 'average': {
      const { out } = call;
      const parts: Part[] = [];
      for (const { folder, share } of call.parts) parts.push({ model: await loadModel(folder), share });
      await averageModels(parts, resolve(out));
      return (
        `Wrote ${resolve(out)}.\n` +
        `Fit its classifiers: npm run model -- fit ${out} --out FITTED\n` +
        'Then derive its thresholds and temperatures: npm run evaluate -- --calibrate --model FITTED'
      );
    }
    case 'fit': {
      const { folder, small, out } = call;
      await refitModel({ model: await loadModel(folder), small, folder: resolve(out) });
      return `Wrote ${resolve(out)}. Derive its thresholds and temperatures: npm run evaluate -- --calibrate --model ${out}`;
    }
  }
}

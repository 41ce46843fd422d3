import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createTrainingBar } from '../../../scripts/train/training-bar.ts';

/** Records what is written to a stream; `isTTY` makes it a terminal. */
function recorder(isTTY: boolean) {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream;
  stream.isTTY = isTTY;
  stream.columns = 120;
  stream.cursorTo = stream.clearLine = stream.moveCursor = () => true;
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { stream, text: () => text };
}

const PROGRESS = { step: 300, total: 900, loss: 1.23456, accuracy: 0.8764, secondsAStep: 1.5 };

it('shows step, loss, accuracy and time left, as lines without a terminal', async () => {
  const { stream, text } = recorder(false);
  const bar = createTrainingBar(stream);
  bar.update({ ...PROGRESS, step: 3, total: undefined, accuracy: undefined });
  bar.update({ ...PROGRESS, step: 4 });
  bar.update({ ...PROGRESS, step: 900 });
  bar.stop();
  await new Promise(setImmediate);
  expect(text().split('\n')).toEqual([
    'step 3: loss 1.235, type accuracy -, 1.50 s per step, - left',
    'step 900 of 900: loss 1.235, type accuracy 0.876, 1.50 s per step, 0 s left',
    '',
  ]);
});

it('shows them as a bar on a terminal', async () => {
  const { stream, text } = recorder(true);
  const bar = createTrainingBar(stream);
  bar.update(PROGRESS);
  bar.stop();
  await new Promise(setImmediate);
  expect(text()).toContain('300/900 | loss 1.235 | type 0.876 | 15 min left');
});

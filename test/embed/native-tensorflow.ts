/** Whether TensorFlow's native addon is installed; some tests then use it too. */

import { readConfig } from '../../src/config/config.ts';
import { readInstall } from '../../src/embed/tensorflow-install.ts';

export const tensorflowFolder = readConfig({
  TENSORFLOW_DIR: process.env.TENSORFLOW_DIR,
}).tensorflowFolder;

export const hasNativeTensorflow = (await readInstall(tensorflowFolder)) !== undefined;

if (!hasNativeTensorflow) {
  console.log(
    'TensorFlow is not installed (npm run setup:tensorflow): its tests run on other tfjs backends only.',
  );
}

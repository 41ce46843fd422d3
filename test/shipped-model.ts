/** The shipped model, for tests that need the real one. */

import { fileURLToPath } from 'node:url';
import { defaultModelFolder, loadModel } from '../src/embed/model.ts';

export const assetsFolder = fileURLToPath(new URL('../assets', import.meta.url));

export const shippedModel = await loadModel(await defaultModelFolder(assetsFolder));

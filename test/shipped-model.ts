/** The model that ships, for tests that want the real one. */

import { fileURLToPath } from 'node:url';
import { defaultModelFolder, loadModel } from '../src/embed/model.ts';

export const assetsFolder = fileURLToPath(new URL('../assets', import.meta.url));

export const shippedModel = await loadModel(await defaultModelFolder(assetsFolder));

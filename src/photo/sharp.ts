/**
 * sharp, loaded with `require`: the ES module of sharp 0.35 uses import attributes, which Node 20.9 cannot parse although sharp
 * lists it as supported. The CommonJS module is the same code.
 */

import { createRequire } from 'node:module';
import type { default as Sharp } from 'sharp';

export const sharp = createRequire(import.meta.url)('sharp') as typeof Sharp;

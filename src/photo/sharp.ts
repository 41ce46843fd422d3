/**
 * sharp, loaded by `require`: sharp 0.35's ES module uses import attributes, which Node 20.9 cannot read although
 * sharp names it as supported; its CommonJS twin is the same code.
 */

import { createRequire } from 'node:module';
import type { default as Sharp } from 'sharp';

export const sharp = createRequire(import.meta.url)('sharp') as typeof Sharp;

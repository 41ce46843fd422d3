import { describe, expect, it } from 'vitest';
import sharp from 'sharp';
import { pngWithoutText } from '../../src/photo/png-without-text.ts';
import { pngChunk, textured, withChunks } from './photo-files.ts';

const text = pngChunk('tEXt', Buffer.from('Comment\0hello'));
const end = pngChunk('IEND');

describe('removing text from a PNG', () => {
  it('returns the same array when there is none', async () => {
    const picture = await textured(30, 20).withIccProfile('p3').png().toBuffer();
    expect(pngWithoutText(picture)).toBe(picture);
  });

  it('removes it wherever it is, and nothing else', async () => {
    const picture = await textured(30, 20).png().toBuffer();
    const body = picture.subarray(0, -end.length);
    const written = Buffer.concat([withChunks(body, [text, text]), text, end, text]);
    expect(Buffer.compare(pngWithoutText(written), picture)).toBe(0);
  });

  it('keeps orientation, profile and transparency', async () => {
    const picture = await textured(30, 20).ensureAlpha(0.5).withMetadata({ orientation: 6 }).png().toBuffer();
    const cleaned = await sharp(pngWithoutText(withChunks(picture, [text]))).metadata();
    expect(cleaned).toMatchObject({ orientation: 6, hasProfile: true, hasAlpha: true });
  });

  it('keeps only the first of the chunks that may occur once', async () => {
    const picture = await textured(30, 20).png().toBuffer();
    const profile = pngChunk('iCCP', Buffer.from('one\0\0x'));
    const twice = withChunks(picture, [profile, pngChunk('iCCP', Buffer.from('two\0\0x'))]);
    expect(Buffer.compare(pngWithoutText(twice), withChunks(picture, [profile]))).toBe(0);
  });

  it('leaves a file that ends in the middle of a chunk broken', async () => {
    const picture = await textured(30, 20).png().toBuffer();
    const cut = picture.subarray(0, -30);
    expect(pngWithoutText(cut)).toBe(cut);
    const textCut = Buffer.concat([picture.subarray(0, 33), text.subarray(0, -5)]);
    expect(Buffer.compare(pngWithoutText(textCut), picture.subarray(0, 33))).toBe(0);
  });
});

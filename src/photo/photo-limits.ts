/** What one photo may cost, checked before any of its pixels is decoded. Costs were measured with sharp 0.35 on one core. */

export interface PhotoLimits {
  /** Bytes of the file. */
  readonly bytes: number;
  /** Pixels of pictures that are decoded row by row and so need next to no memory: JPEG, PNG, WebP. */
  readonly pixels: number;
  /** Pixels of a progressive JPEG or an interlaced PNG. */
  readonly progressivePixels: number;
  /** Pixels of an AVIF or a GIF. */
  readonly wholePixels: number;
  /** Pixels along one side. */
  readonly side: number;
  /** Passes in which a JPEG is stored. */
  readonly scans: number;
  /** Whole seconds that decoding may take once it has begun, at least 1. */
  readonly seconds: number;
}

export const PHOTO_LIMITS: PhotoLimits = {
  /** The largest photos of phones are 5 to 10 MB as JPEG. */
  bytes: 12_000_000,
  /** A phone's largest mode is 48 or 50 megapixels. 50 take 0.1 s and 6 MB as JPEG, 0.1 s and 31 MB as PNG. */
  pixels: 50_000_000,
  /** These are held whole, at 3 to 9 bytes a pixel; no camera writes them, and editors that do seldom exceed this. */
  progressivePixels: 25_000_000,
  /** AVIF: 16 megapixels take 1 s and 300 MB. GIF: 0.35 s and 84 MB. */
  wholePixels: 16_000_000,
  /** A PNG of 1 x 50,000,000 takes 12 s, one of 50,000,000 x 1 1.3 GB. The widest panoramas of phones are 16,382. */
  side: 20_000,
  /**
   * Ordinary progressive JPEGs have 10. An empty pass takes 80 bytes of the file and 8 ms at 50 megapixels, and the decoder
   * cannot be interrupted between passes: 12 MB of them would hold a thread for 20 minutes.
   */
  scans: 100,
  /**
   * A net under the other limits, which keep every photo under 2 s. It cannot interrupt at any moment: sharp looks at the
   * clock between strips of the result, and that result is small.
   */
  seconds: 10,
};

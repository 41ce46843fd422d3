/** Limits of one photo, checked before any of its pixels is decoded. Costs were measured with sharp 0.35 on one core. */

export interface PhotoLimits {
  /** Size of the file. */
  readonly bytes: number;
  /** Pixels of a JPEG, PNG or WebP, which are decoded row by row and so need little memory. */
  readonly pixels: number;
  /** Pixels of a progressive JPEG or an interlaced PNG. */
  readonly progressivePixels: number;
  /** Pixels of an AVIF or a GIF, which are decoded whole. */
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
  /** The largest mode of phones is 48 or 50 megapixels. 50 megapixels take 0.1 s and 6 MB as JPEG, 0.1 s and 31 MB as PNG. */
  pixels: 50_000_000,
  /** These are held in memory whole, at 3 to 9 bytes per pixel. Cameras do not write them, and editors seldom exceed this. */
  progressivePixels: 25_000_000,
  /** AVIF: 16 megapixels take 1 s and 300 MB. GIF: 0.35 s and 84 MB. */
  wholePixels: 16_000_000,
  /** A PNG of 1 x 50,000,000 takes 12 s, and one of 50,000,000 x 1 takes 1.3 GB. The widest panoramas of phones have 16,382. */
  side: 20_000,
  /**
   * Ordinary progressive JPEGs have 10 passes. An empty pass takes 80 bytes of the file, and 8 ms at 50 megapixels. The decoder
   * cannot be interrupted between passes, so 12 MB of them would occupy a thread for 20 minutes.
   */
  scans: 100,
  /**
   * A safety net: the other limits keep every photo under 2 s. It cannot interrupt at any moment, because sharp checks the time
   * only between strips of the result, and the result is small.
   */
  seconds: 10,
};

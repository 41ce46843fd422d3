// @ts-check
/**
 * Client of this server's JSON API.
 *
 * @typedef {{ type: string, title: string, status: number, detail: string, retryAfter?: number }} Problem
 * @typedef {Record<string, string>} Labels
 * @typedef {Record<string, string[]>} Filter label names to accepted values
 * @typedef {{
 *   rank: number, id: string, title: string, similarity: number, likeness: string, labels: Labels,
 *   predicted: Predictions, picture: string, link: string | null, price: string | null,
 *   availability: 'in stock' | 'out of stock' | 'preorder' | 'backorder' | null, alike: number,
 *   garment: string | null,
 * }} Item `garment` is the kind of garment that the item was found for
 * @typedef {Record<string, { value: string, probability: number }>} Predictions
 * @typedef {[left: number, top: number, right: number, bottom: number]} Box in parts of the upright photo, 0 to 1
 * @typedef {{ kind: string, box: Box, probability: number, gallery: string }} Garment `gallery` is the handle of its own gallery
 * @typedef {{
 *   id: string, items: Item[], weak: boolean, garmentSeen: boolean, kind: string | null, garments: Garment[],
 *   severalPeople: boolean, more: boolean, filter: Filter, shows: Predictions,
 * }} Gallery
 * @typedef {{ kind: 'text', text: string } | { kind: 'list', items: string[] }
 *   | { kind: 'facts', facts: { name: string, value: string }[] } | { kind: 'gallery', gallery: Gallery }} Block
 * @typedef {{ value: string, count: number }[]} LabelValues most frequent first
 */

const UPLOAD_TIMEOUT_MS = 180_000;

/** A request that failed. `problem` explains it to the person. */
export class ProblemError extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }

  /** Whether the same request can succeed later. */
  get passing() {
    return this.problem.status === 0 || this.problem.status >= 500;
  }

  /** The last part of the problem's type, for example `unknown-gallery`. */
  get slug() {
    return this.problem.type.split('/').pop();
  }
}

/**
 * @param {File} photo
 * @param {{ filter?: Filter, box?: Box, onProgress?: (share: number) => void }} [options] `share` of the upload, 0 to 1.
 * @returns {Promise<Gallery>}
 */
export function sendPhoto(photo, { filter, box, onProgress } = {}) {
  const form = new FormData();
  form.append('photo', photo);
  if (filter) form.append('filter', JSON.stringify(filter));
  if (box) form.append('box', JSON.stringify(box));
  // fetch does not report upload progress.
  const request = new XMLHttpRequest();
  request.open('POST', '/api/recommendations');
  request.timeout = UPLOAD_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress?.(event.loaded / event.total);
    };
    request.onload = () => {
      const answer = parse(request.responseText);
      if (request.status === 200 && answer) resolve(answer.galleries[0]);
      else reject(new ProblemError(problemFrom(request.status, answer)));
    };
    request.onerror = request.ontimeout = () => reject(new ProblemError(unreachable()));
    request.send(form);
  });
}

/**
 * Another page of a gallery, or the same search under another filter.
 * @param {string} id
 * @param {{ offset?: number, filter?: Filter }} options
 * @returns {Promise<Gallery>}
 */
export function getGallery(id, options) {
  return request(`/api/galleries/${encodeURIComponent(id)}${query(options)}`);
}

/**
 * @param {string} itemId
 * @param {{ filter?: Filter }} [options]
 * @returns {Promise<Gallery>}
 */
export function getSimilar(itemId, options = {}) {
  return request(`/api/items/${encodeURIComponent(itemId)}/similar${query(options)}`);
}

/**
 * @param {string} text
 * @returns {Promise<{ blocks: Block[] }>}
 */
export function sendText(text) {
  const headers = { 'content-type': 'application/json' };
  return request('/api/messages', { method: 'POST', headers, body: JSON.stringify({ text }) });
}

/** @type {Promise<Record<string, LabelValues>> | undefined} */
let labels;

/** Labels to filter by, requested once. */
export function getLabels() {
  labels ??= request('/api/labels').then(
    (answer) => answer.labels,
    (error) => {
      labels = undefined;
      throw error;
    },
  );
  return labels;
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 * @returns {Promise<any>} the JSON of the answer.
 */
export async function request(path, init) {
  let response;
  let body;
  try {
    response = await fetch(path, init);
    body = await response.text();
  } catch {
    throw new ProblemError(unreachable());
  }
  const answer = parse(body);
  if (!response.ok || !answer) throw new ProblemError(problemFrom(response.status, answer));
  return answer;
}

// --- Internal helpers ---

/** @param {{ offset?: number, filter?: Filter }} options */
function query({ offset, filter }) {
  const parameters = new URLSearchParams();
  if (offset) parameters.set('offset', String(offset));
  if (filter && Object.keys(filter).length > 0) parameters.set('filter', JSON.stringify(filter));
  const text = parameters.toString();
  return text && `?${text}`;
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {number} status
 * @param {Partial<Problem> | undefined} answer
 * @returns {Problem}
 */
function problemFrom(status, answer) {
  return {
    type: answer?.type ?? '/problems/internal',
    title: answer?.title ?? 'Something went wrong',
    status,
    detail: answer?.detail ?? `The server answered with status ${status} and no explanation.`,
    ...(answer?.retryAfter && { retryAfter: answer.retryAfter }),
  };
}

/** @returns {Problem} */
function unreachable() {
  return {
    type: '/problems/unreachable',
    title: 'The server cannot be reached',
    status: 0,
    detail: 'The connection is down, or the server was stopped.',
  };
}

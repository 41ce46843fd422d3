// @ts-check
/**
 * The inventory part of the JSON API, for the person at this machine.
 *
 * @typedef {{ name: string, before: number, added: number, changed: number, removed: number, unchanged: number,
 *   rejected: number }} SourceChanges
 * @typedef {{ added: number, changed: number, removed: number, unchanged: number, rejected: number, total: number,
 *   seconds: number, reasons: { where: string, reason: string }[] }} Counts
 * @typedef {Counts & { toEmbed: number, sources: SourceChanges[],
 *   losses: { source: string, before: number, removed: number }[] }} Plan
 * @typedef {{ kind: 'running', phase: 'working' | 'paused' | 'cancelling', canPause: boolean,
 *     progress: { phase: 'plan' | 'embed' | 'index', done: number, total: number } | null }
 *   | { kind: 'planned', plan: Plan } | { kind: 'needs-confirmation', seconds: number, plan: Plan }
 *   | { kind: 'finished', summary: Counts } | { kind: 'cancelled' | 'stopped', seconds: number }
 *   | { kind: 'failed', seconds: number, reason: string }} RunState
 * @typedef {{ id: string, kind: 'plan' | 'reindex', full: boolean, by: string, startedAt: string, state: RunState }} Run
 * @typedef {{ id: string, kind: string, full: boolean, who: string, startedAt: string, seconds: number, outcome: string,
 *   counts?: Omit<Counts, 'seconds' | 'reasons'>, reason?: string }} PastRun
 * @typedef {{
 *   local: true,
 *   model: { name: string, version: string, head: string },
 *   engine: { name: string, device: string, skipped: { engine: string, reason: string }[], waiting: { interactive: number, bulk: number } },
 *   index: { size: number, types: number, createdAt: string | null },
 *   sources: { name: string, items: number | null, hidden: number, readAt: string | null }[],
 *   types: { value: string, count: number }[],
 *   recall: { value: number, k: number, queries: number } | null,
 *   runs: PastRun[],
 *   uptimeSeconds: number,
 *   run: Run | null,
 * }} Inventory
 */

import { request } from './api.js';

/** @returns {Promise<Inventory | { local: false }>} */
export function getInventory() {
  return request('/api/inventory');
}

/**
 * @param {{ kind: 'plan' | 'reindex' | 'full' } | { kind: 'confirm', run: string }} what
 * @returns {Promise<{ joined: boolean, run: Run | null }>}
 */
export function beginRun(what) {
  return post('/api/inventory/runs', what);
}

/**
 * @param {string} id
 * @param {'pause' | 'resume' | 'cancel'} step
 * @returns {Promise<{ done: boolean, run: Run | null }>}
 */
export function steerRun(id, step) {
  return post(`/api/inventory/runs/${encodeURIComponent(id)}`, { step });
}

// --- Internal helpers ---

/**
 * @param {string} path
 * @param {object} body
 */
function post(path, body) {
  const headers = { 'content-type': 'application/json' };
  return request(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

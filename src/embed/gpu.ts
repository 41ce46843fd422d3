/** Asks the NVIDIA driver about the first GPU of this machine. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../util/errors.ts';

export interface Gpu {
  readonly name: string;
  readonly driver: string;
  /** For example `9.0`. */
  readonly computeCapability: string;
  /** Bytes. */
  readonly memory: { readonly total: number; readonly free: number };
}

const FIELDS = ['name', 'driver_version', 'compute_cap', 'memory.total', 'memory.free'];

/** @returns the GPU, or in words why none can be used. */
export async function findGpu(): Promise<Gpu | string> {
  try {
    const question = [`--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits'];
    const { stdout } = await promisify(execFile)('nvidia-smi', question, { timeout: 10_000 });
    return parseGpu(stdout) ?? 'nvidia-smi names no card';
  } catch (error) {
    const reason = messageOf(error).split('\n')[0] ?? '';
    return reason.includes('ENOENT') ? 'no NVIDIA driver (nvidia-smi is not there)' : `nvidia-smi: ${reason}`;
  }
}

/** Reads the first line of nvidia-smi's answer, which gives memory in MiB. */
export function parseGpu(answer: string): Gpu | undefined {
  const [name, driver, computeCapability, total, free] = (answer.split('\n')[0] ?? '')
    .split(',')
    .map((field) => field.trim());
  if (!name || !driver || !computeCapability || !Number(total)) return undefined;
  return {
    name,
    driver,
    computeCapability,
    memory: { total: Number(total) * 2 ** 20, free: (Number(free) || 0) * 2 ** 20 },
  };
}

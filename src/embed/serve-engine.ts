/** The worker's side of `worker-engine`: answers one batch after the other from a network of its own. */

import { parentPort } from 'node:worker_threads';
import { messageOf } from '../util/errors.ts';
import type { EngineRequest, EngineResponse } from './worker-engine.ts';

export interface ServedNetwork {
  readonly device: string;
  /** The largest number of pictures that `infer` takes. */
  readonly maxBatch: number;
  /** Pictures as `Engine.run` gets them to the rows of a matrix `[n, dimension]`, in a buffer of its own. */
  infer(batch: readonly Uint8Array[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** @param open loads and warms up the network; what it throws is the reason why the engine does not exist here. */
export async function serveEngine(open: () => Promise<ServedNetwork>): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error('An engine is served from a worker thread.');
  const send = (response: EngineResponse, transfer: ArrayBuffer[] = []): void => {
    port.postMessage(response, transfer);
  };

  const answer = async (network: ServedNetwork, request: NonNullable<EngineRequest>): Promise<void> => {
    const { id, batch } = request;
    try {
      const embeddings = await network.infer(batch);
      send({ kind: 'result', id, embeddings }, [embeddings.buffer as ArrayBuffer]);
    } catch (error) {
      send({ kind: 'failure', id, reason: messageOf(error) });
    }
  };

  try {
    const network = await open();
    // One after the other, so that the request to end comes after everything that was asked before it.
    let last = Promise.resolve();
    port.on('message', (request: EngineRequest) => {
      last = last.then(async () => {
        if (request) return answer(network, request);
        await network.close();
        port.close();
      });
    });
    send({ kind: 'ready', device: network.device, maxBatch: network.maxBatch });
  } catch (error) {
    send({ kind: 'unavailable', reason: messageOf(error) });
  }
}

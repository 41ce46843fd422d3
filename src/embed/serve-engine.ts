/** The worker's side of `worker-engine`: runs one batch after another on its own network. */

import { parentPort } from 'node:worker_threads';
import { messageOf } from '../util/errors.ts';
import type { EngineRequest, EngineResponse } from './worker-engine.ts';

export interface ServedNetwork {
  readonly device: string;
  /** The largest number of pictures that `infer` takes. */
  readonly maxBatch: number;
  /** Turns pictures as in `Engine.run` into a matrix `[n, dimension]`, in a buffer of its own that can be transferred. */
  infer(batch: readonly Uint8Array[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** @param open loads and warms up the network; its error is the reason why the engine is unavailable. */
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
    // One after another, so that the request to end waits for all earlier requests.
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

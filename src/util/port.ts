/** Whether a port can be listened on, and what to do when it cannot. */

import { once } from 'node:events';
import { createServer } from 'node:net';
import { hasCode, OperatorError } from './errors.ts';

export interface PortPlace {
  readonly host: string;
  readonly port: number;
  /** The setting that names the port, for example `PORT`. */
  readonly setting: string;
}

/**
 * Listens on the port for a moment, so that a port that is taken is noticed before any work is done for it.
 * @throws {OperatorError} when the port is taken, reserved, or on an address that this machine does not have.
 */
export async function assertPortFree({ host, port, setting }: PortPlace): Promise<void> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    throw explainListenError(error, { host, port, setting });
  }
  server.close();
  await once(server, 'close');
}

/** The error of a `listen` call with its repair, or the error itself when its cause is unknown. */
export function explainListenError(error: unknown, { host, port, setting }: PortPlace): unknown {
  const options = { cause: error };
  if (hasCode(error, 'EADDRINUSE')) {
    return new OperatorError(
      `Port ${port} of ${host} is taken by another program. Stop that program, or choose another port, for example ${setting}=${port + 1}.`,
      options,
    );
  }
  if (hasCode(error, 'EACCES')) {
    return new OperatorError(
      `This user may not listen on port ${port} of ${host}. Choose a port above 1023, for example ${setting}=8080.`,
      options,
    );
  }
  if (hasCode(error, 'EADDRNOTAVAIL') || hasCode(error, 'ENOTFOUND')) {
    const hostSetting = setting.replace('PORT', 'HOST');
    return new OperatorError(
      `${host} is not an address of this machine. Set ${hostSetting} to one that is, for example ${hostSetting}=127.0.0.1, ` +
        `or ${hostSetting}=0.0.0.0 for all of them.`,
      options,
    );
  }
  return error;
}

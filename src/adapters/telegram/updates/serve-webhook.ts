/** Receives updates that Telegram pushes: a small HTTP server that accepts only requests with the secret. */

import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { hasCode, messageOf, OperatorError } from '../../../util/errors.ts';
import type { Logger } from '../../../util/logger.ts';
import type { ReceiveUpdate, UpdateSource } from './update-source.ts';

export interface WebhookSettings {
  /** The address that Telegram pushes to, with its path: https on port 443, 80, 88 or 8443. */
  readonly url: string;
  /** 1 to 256 characters of A-Z, a-z, 0-9, _ and -. */
  readonly secret: string;
  /** Where this process listens, usually behind a proxy that terminates TLS. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** For example `/telegram`. */
  readonly path: string;
}

export interface WebhookServer extends UpdateSource {
  readonly port: number;
}

export interface WebhookDependencies {
  readonly settings: WebhookSettings;
  readonly receive: ReceiveUpdate;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
}

/** Updates are a few kB. The longest message with all its entities is far smaller than this. */
const MAX_BODY_BYTES = 1_000_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** @throws {OperatorError} when the address cannot be listened on. */
export async function serveWebhook({
  settings,
  receive,
  logger,
}: WebhookDependencies): Promise<WebhookServer> {
  const expected = digest(settings.secret);

  async function answer(request: IncomingMessage): Promise<number> {
    if (request.url?.split('?')[0] !== settings.path) return 404;
    if (request.method !== 'POST') return 405;
    const given = request.headers['x-telegram-bot-api-secret-token'];
    // Digests have equal lengths, so comparing them takes the same time wherever they differ.
    if (typeof given !== 'string' || !timingSafeEqual(digest(given), expected)) return 401;
    const body = await readBody(request);
    if (body === undefined) return 413;
    let update: unknown;
    try {
      update = JSON.parse(body);
    } catch {
      return 400;
    }
    try {
      await receive(update);
      return 200;
    } catch (error) {
      // Telegram will push it again.
      logger.error(
        { reason: messageOf(error) },
        'an update could not be stored; Telegram will push it again',
      );
      return 503;
    }
  }

  const server = createServer((request, response) => {
    answer(request).then(
      (status) => {
        respond(response, status);
      },
      () => {
        response.destroy(); // the sender closed the connection
      },
    );
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  await listen(server, settings);
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : settings.port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

// --- Internal helpers ---

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Undefined when the body is too long. The rest is then read and dropped, so that the sender receives the answer. */
function readBody(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) chunks.push(chunk);
      else resolve(undefined);
    });
    request.on('end', () => {
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
    request.on('error', reject);
  });
}

function respond(response: ServerResponse, status: number): void {
  // This also ends the transfer of a body that is too long.
  if (status !== 200) response.setHeader('connection', 'close');
  response.writeHead(status).end();
}

function listen(server: Server, { host, port }: WebhookSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const reason = hasCode(error, 'EADDRINUSE') ? 'another process is listening there' : messageOf(error);
      reject(
        new OperatorError(
          `Cannot listen for Telegram's webhook on ${host}:${port}: ${reason}. Choose another TELEGRAM_WEBHOOK_PORT.`,
          { cause: error },
        ),
      );
    });
    server.listen(port, host, () => {
      resolve();
    });
  });
}

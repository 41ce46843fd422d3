/** Finds the route of a request and the parameters in its path. */

import { commandRoutes } from './routes/commands.ts';
import { interactionRoutes } from './routes/interactions.ts';
import { lookupRoutes } from './routes/lookups.ts';
import { messageRoutes } from './routes/messages.ts';
import type { Route } from './routes/route.ts';
import { webhookRoutes } from './routes/webhooks.ts';

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

const ROUTES: readonly Route[] = [
  ...lookupRoutes,
  ...messageRoutes,
  ...interactionRoutes,
  ...webhookRoutes,
  ...commandRoutes,
];

/** `path` starts after the version. Segments are compared decoded: clients send `@original` as `%40original`. */
export function matchRoute(method: string, path: string): Match | null {
  const segments = path.split('/').map(decodeURIComponent);
  for (const route of ROUTES) {
    if (route.method !== method) continue;
    const params = matchSegments(route.path.split('/'), segments);
    if (params) return { route, params };
  }
  return null;
}

// --- Internal helpers ---

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = segment;
    else if (part !== segment) return null;
  }
  return params;
}

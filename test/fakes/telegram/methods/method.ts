/** One method of the Bot API: its result, or an ApiError. */
import type { Parameters } from '../parameters.ts';
import type { World } from '../world.ts';

/** `hangUp` is aborted when the client closes the connection. */
export type Method = (world: World, parameters: Parameters, hangUp: AbortSignal) => unknown;

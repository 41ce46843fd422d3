/** The type of a method of the Bot API. It returns a result or throws an ApiError. */
import type { Parameters } from '../parameters.ts';
import type { World } from '../world.ts';

/** `hangUp` is aborted when the client closes the connection. */
export type Method = (world: World, parameters: Parameters, hangUp: AbortSignal) => unknown;

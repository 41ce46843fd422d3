/** An error of the Bot API with the HTTP status, description and parameters of the real server. */
import type { ResponseParameters } from '@grammyjs/types';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: number;
  readonly parameters: ResponseParameters | undefined;

  /** `message` is the whole `description` of the answer, prefix included. */
  constructor(code: number, message: string, parameters?: ResponseParameters) {
    super(message);
    this.code = code;
    this.parameters = parameters;
  }
}

export function badRequest(problem: string, parameters?: ResponseParameters): ApiError {
  return new ApiError(400, `Bad Request: ${problem}`, parameters);
}

export function forbidden(problem: string): ApiError {
  return new ApiError(403, `Forbidden: ${problem}`);
}

export function tooManyRequests(seconds: number): ApiError {
  return new ApiError(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds });
}

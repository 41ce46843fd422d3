/** Why something could not be fetched. */

export class FetchError extends Error {
  override readonly name = 'FetchError';
  /** Another try may bring it. */
  readonly passing: boolean;
  /** Set when the server asks for less: how long it wants to be left alone, undefined when it does not say. */
  readonly busy: { readonly retryAfterMs: number | undefined } | undefined;

  constructor(
    message: string,
    { passing = false, busy, ...options }: ErrorOptions & Partial<Pick<FetchError, 'passing' | 'busy'>> = {},
  ) {
    super(message, options);
    this.passing = passing;
    this.busy = busy;
  }
}

/** A web address as people may read it: host and path, without credentials and query. */
export function placeOf(url: URL): string {
  return `${url.host}${url.pathname}`;
}

/** Why something could not be fetched. */

export class FetchError extends Error {
  override readonly name = 'FetchError';
  /** Whether another attempt may succeed. */
  readonly retryable: boolean;
  /** Set when the server asks for fewer requests: how long to wait, undefined when it does not say. */
  readonly busy: { readonly retryAfterMs: number | undefined } | undefined;

  constructor(
    message: string,
    {
      retryable = false,
      busy,
      ...options
    }: ErrorOptions & Partial<Pick<FetchError, 'retryable' | 'busy'>> = {},
  ) {
    super(message, options);
    this.retryable = retryable;
    this.busy = busy;
  }
}

/** Host and path of a URL, for messages: credentials and query may hold secrets. */
export function displayUrl(url: URL): string {
  return `${url.host}${url.pathname}`;
}

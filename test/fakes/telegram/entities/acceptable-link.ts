/** Whether Telegram keeps an address in a text link or a URL button. */

/**
 * A host must have a dot in it, so `http://localhost/...` is refused while `http://127.0.0.1/...` passes.
 * Source: server, td LinkManager::check_link; the rule about the dot is a field report.
 */
export function isAcceptableLink(address: string): boolean {
  const complete = /^[a-z][a-z\d+.-]*:/i.test(address) ? address : `http://${address}`;
  if (!URL.canParse(complete)) return false;
  const { protocol, hostname } = new URL(complete);
  if (protocol === 'tg:' || protocol === 'ton:') return true;
  return (protocol === 'http:' || protocol === 'https:') && hostname.includes('.') && !/\s/.test(address);
}

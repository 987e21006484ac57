import type { IncomingMessage } from "node:http";

/**
 * The address of the client behind `trustedProxies` proxies, each of which appended the address that it saw to
 * `X-Forwarded-For`. What stands further left in that header the client may have written itself, so it is not believed.
 */
export function clientAddress(message: IncomingMessage, trustedProxies: number): string | undefined {
  const { remoteAddress } = message.socket;
  if (trustedProxies === 0) return remoteAddress;
  const seen = (message.headersDistinct["x-forwarded-for"] ?? []).flatMap((line) => line.split(","));
  return seen.at(-trustedProxies)?.trim() || remoteAddress;
}

/** How a session ends on the wire (camp-v1.md section 4, cryo-v1.md section 3, rules 3). */
export const CloseCode = {
  graceful: 4000,
  clientError: 4001,
  serverError: 4002,
  /** The connection is given up, not the session: from where a connection cannot just be cut, as in a page. */
  away: 4003,
  /** Only one of the two ends uses CALE. */
  caleDisagreement: 4010,
  /** The handshake of CALE failed, or a record was not one. */
  caleFailed: 4011,
  goingAway: 1001,
  abnormal: 1006,
} as const;

const finalCodes = new Set([1002, 1003, 1007, 1008, 1009, 4000, 4010, 4011]);

/** Whether a session ends for good with this close code; otherwise its client may come back. */
export function isFinalClose(code: number): boolean {
  return finalCodes.has(code) || (code >= 4100 && code <= 4999);
}

const cutCodes = new Set<number>([CloseCode.away, 1006, 1011, 1012, 1013, 1014]);

/** Whether a connection that ends so was cut: by the network, by what stands between the ends, or to come back. */
export function isCut(code: number): boolean {
  return cutCodes.has(code);
}

/** Whether the peer ended the connection because it took offence at something. */
export function isRefusal(code: number): boolean {
  return code === CloseCode.clientError || code === CloseCode.serverError;
}

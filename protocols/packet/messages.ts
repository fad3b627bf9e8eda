/** Small messages beside the packets: receipts, requests for what is missing, watches, presence. */

/** Sequence numbers of one stream, both ends included. */
export interface SeqRange {
  readonly from: number
  readonly to: number
}

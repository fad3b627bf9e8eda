/** Sizes of the wire. Readers refuse what is larger; writers never make it. */

/** A whole packet, which is the payload of one MQTT message. */
export const packetLimitBytes = 262_144
export const headerLimitBytes = 1_024
/**
 * The body before compression. So much smaller than a packet that a body within its limit always
 * fits, also when zstd finds nothing to compress.
 */
export const bodyLimitBytes = 245_760
/** One record as `encodeRecord` gives it, so that a packet can hold at least any one record. */
export const recordLimitBytes = bodyLimitBytes - 5
/** One chunk of a large object. All chunks of an object but the last have the same size. */
export const chunkLimitBytes = 65_536
export const recordsPerPacketMax = 4_096
/**
 * Packets between a packet of waves and the key packet that it needs: 30 s of the shortest ones. A
 * reader that comes later has to read so many first.
 */
export const keyDistanceMax = 128
/** Waves of one device. */
export const wavesMax = 32

export const valuesMax = 256
export const leadsMax = 64
/** Samples of a waveform record, all leads together. */
export const samplesMax = recordLimitBytes
/** What merging blocks makes is never longer. A longer block that a device gave stays as it is. */
export const mergedMsMax = 60_000
export const wordsMax = 64
export const flagsMax = 32
/** Devices that stand assigned to one visit. */
export const assignedMax = 128
export const findingsMax = 32
/** Of one performed procedure step; its record is bounded as a whole too. */
export const seriesMax = 256
export const instancesMax = 4_096

/** In bytes of UTF-8. */
export const codeLimitBytes = 128
export const unitLimitBytes = 64
export const labelLimitBytes = 256
export const textLimitBytes = 4_096
export const visitLimitBytes = 64

/** Messages other than packets and answers to a replay. */
export const messageLimitBytes = 524_288
export const replayAnswerLimitBytes = 1_048_576
export const receiptStreamsMax = 256
export const receiptRangesMax = 64
export const replayPacketsMax = 64
export const replayLostMax = 256
export const directoryStreamsMax = 128
export const directoryRangesMax = 128
export const watchSecondsMax = 300
export const watchPacketMsMin = 250
export const watchPacketMsMax = 60_000

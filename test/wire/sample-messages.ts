/** One message of each kind with the topic on which it travels. */
import {
  decodeBackfill,
  decodeDirectoryAnswer,
  decodeDirectoryRequest,
  decodeLandingState,
  decodeReceipt,
  decodeReplayAnswer,
  decodeReplayRequest,
  decodeTimeAnswer,
  decodeTimeRequest,
  decodeVanState,
  decodeWatch,
  encodeBackfill,
  encodeDirectoryAnswer,
  encodeDirectoryRequest,
  encodeLandingState,
  encodeReceipt,
  encodeReplayAnswer,
  encodeReplayRequest,
  encodeTimeAnswer,
  encodeTimeRequest,
  encodeVanState,
  encodeWatch,
} from '../../protocols/packet/messages.ts'
import type { Decoded } from '../../protocols/packet/decoded.ts'
import {
  directoryRequestTopic,
  directoryTopic,
  downTopic,
  landingStateTopic,
  replayRequestTopic,
  replayTopic,
  stateTopic,
  timeRequestTopic,
} from '../../protocols/packet/topics.ts'
import { testPublicKey } from './node-tools.ts'
import { epoch } from './samples.ts'

export interface SampleMessage {
  readonly name: string
  readonly topic: string
  readonly message: object
  readonly bytes: Uint8Array
  readonly decode: (bytes: Uint8Array) => Decoded<object>
}

function sample<T extends object>(
  name: string,
  topic: string,
  encode: (message: T) => Uint8Array,
  decode: (bytes: Uint8Array) => Decoded<T>,
  message: T,
): SampleMessage {
  return { name, topic, message, bytes: encode(message), decode }
}

const stream = 'ecg-1/waveform'
const nonce = Uint8Array.of(0x5e, 0x0c, 0x91, 0x1b, 0xa7, 0x40, 0xd3, 0x68)

export const sampleMessages: readonly SampleMessage[] = [
  sample('receipt', downTopic('van-02', 'receipt'), encodeReceipt, decodeReceipt, {
    epoch,
    receipts: [
      {
        stream,
        ranges: [
          { from: 0, to: 41 },
          { from: 43, to: 43 },
        ],
      },
      { stream: 'van/clock', ranges: [{ from: 0, to: 3 }] },
    ],
  }),
  sample('backfill', downTopic('van-02', 'backfill'), encodeBackfill, decodeBackfill, {
    epoch,
    stream,
    from: 42,
    to: 42,
  }),
  sample('watch', downTopic('van-02', 'watch'), encodeWatch, decodeWatch, {
    stream,
    seconds: 60,
    packetMs: 250,
  }),
  sample('vanState', stateTopic('van-02'), encodeVanState, decodeVanState, {
    van: 'van-02',
    online: true,
    epoch,
    publicKey: testPublicKey,
    software: 'simpul 0.1.0',
    wallMs: 1_758_873_600_000,
  }),
  sample('vanGone', stateTopic('van-02'), encodeVanState, decodeVanState, {
    van: 'van-02',
    online: false,
    epoch: null,
    publicKey: null,
    software: 'simpul 0.1.0',
    wallMs: 1_758_873_600_000,
  }),
  sample('landingState', landingStateTopic, encodeLandingState, decodeLandingState, {
    online: true,
    landing: 'rsud-1',
    startedWallMs: 1_758_870_000_000,
  }),
  sample('timeRequest', timeRequestTopic, encodeTimeRequest, decodeTimeRequest, {
    van: 'van-02',
    nonce,
  }),
  sample('timeAnswer', downTopic('van-02', 'time'), encodeTimeAnswer, decodeTimeAnswer, {
    nonce,
    utcMs: 1_758_873_600_123,
    uncertaintyMs: 100,
  }),
  sample('replayRequest', replayRequestTopic, encodeReplayRequest, decodeReplayRequest, {
    van: 'van-02',
    epoch,
    stream,
    from: 0,
    to: 99,
    replyTo: 'review-7',
  }),
  sample('replayAnswer', replayTopic('review-7'), encodeReplayAnswer, decodeReplayAnswer, {
    van: 'van-02',
    epoch,
    stream,
    packets: [Uint8Array.of(0x83, 0x40, 0x40, 0xf6)],
    lost: [{ from: 12, to: 17 }],
    more: true,
  }),
  sample(
    'directoryRequest',
    directoryRequestTopic,
    encodeDirectoryRequest,
    decodeDirectoryRequest,
    {
      van: null,
      object: null,
      after: { van: 'van-02', epoch, stream },
      replyTo: 'review-7',
    },
  ),
  sample(
    'directoryAnswer',
    directoryTopic('review-7'),
    encodeDirectoryAnswer,
    decodeDirectoryAnswer,
    {
      van: 'van-02',
      object: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      streams: [
        {
          van: 'van-02',
          epoch,
          stream: 'xray-1/object',
          ranges: [{ from: 220, to: 438 }],
        },
      ],
      more: false,
    },
  ),
]

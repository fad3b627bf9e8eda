/**
 * Timbang T-20, a scale that sends one line when its PRINT key is pressed.
 *
 *   W,+072.40,kg,S*1F CR LF        S: at rest, M: moving; two hex digits: XOR of all before the *
 */
import { xorOf } from '../../../protocols/bytes/checksum.ts'
import { latin1Bytes } from '../../../protocols/bytes/bytes.ts'
import {
  beginsWith,
  endsBehind,
  notAFrame,
  textScanner,
} from '../../../protocols/bytes/text-frame.ts'
import { terms } from '../../../protocols/vocabulary/terms.ts'
import { measured, valueOf } from '../../../drivers/measured.ts'
import { streaming } from '../../../drivers/streaming.ts'

const line = { baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1 } as const
const lineLimitBytes = 32

const scan = textScanner({
  mayBegin: beginsWith('W,'),
  lengthOf: endsBehind('\r\n'),
  limitBytes: lineLimitBytes,
  read: (line) => {
    const found = /^(W,([+-]\d{3}\.\d{2}),kg,([SM]))\*([0-9A-F]{2})\r\n$/.exec(line)
    if (found === null) return notAFrame('no line of a T-20')
    const [, said = '', weight, motion, check = ''] = found
    if (xorOf(latin1Bytes(said)) !== parseInt(check, 16)) return notAFrame('wrong check')
    return { ok: true, value: { weightKg: Number(weight), isAtRest: motion === 'S' } }
  },
})

export const timbangT20 = streaming({
  id: 'timbang-t20',
  label: 'Timbang T-20 scale',
  source: 'T-20 manual, page 31',
  evidence: 'documented',
  confidence: 'high',
  links: [{ kind: 'serial', lines: [line], usb: [], splits: 'bytes' }],
  asks: 'nothing',
  waves: [],
  streams: ['measurement'],
  silentAfterMs: null,
  scan,
  packetLimitBytes: lineLimitBytes,
  pausedAfterMs: 500,
  opening: null,
  read: () => ({
    // A weight that still moves is no weight.
    packet: ({ weightKg, isAtRest }) =>
      isAtRest ? [measured([valueOf(terms.weight, weightKg)])] : [],
  }),
})

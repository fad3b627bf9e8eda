import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise } from '../../test/scanner-properties.ts'
import { latin1Bytes } from '../bytes/bytes.ts'
import { encodeVidas, scanVidas, vidasFrameLimitBytes, type VidasResult } from './frame.ts'

const field = fc.stringMatching(/^[A-Za-z0-9:/.-]{0,12}$/)
const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9]$/), { minLength: 1, maxLength: 8 })

holdsWhatScannersPromise<VidasResult>('mini vidas', {
  scan: scanVidas as never,
  // Without the ETX, which the real transmission does not show.
  encode: (result) => encodeVidas(result).slice(0, -1),
  packets: fc
    .tuple(names, fc.array(field, { minLength: 8, maxLength: 8 }))
    .map(([names, texts]) => ({
      kind: 'frame',
      fields: Object.fromEntries(names.map((name, index) => [name, texts[index] ?? ''])),
    })),
  limitBytes: vidasFrameLimitBytes,
})

t.test('mini vidas: single characters, and why a frame is broken', async (t) => {
  const kinds = ['\x05', '\x04', '\x03', '\r'].map((text) => scanVidas(latin1Bytes(text)))
  t.match(kinds, [
    { packet: { kind: 'enquiry' } },
    { packet: { kind: 'end' } },
    { packet: { kind: 'filling' } },
    { packet: { kind: 'filling' } },
  ])
  const why = (text: string) => scanVidas(latin1Bytes(text))
  t.match(why('\x02\x1emtrsl|\x1d00'), { packet: { kind: 'broken', reason: 'check sum' } })
  t.match(why('\x02\x1emt\x02'), { packet: { kind: 'broken', reason: 'frame cut short' } })
  t.match(why('\x02\x1d1d'), { packet: { kind: 'broken', reason: 'no fields' } })
  t.match(why(`\x02${'x'.repeat(vidasFrameLimitBytes)}`), {
    packet: { kind: 'broken', reason: 'frame without end' },
  })
})

const sample = join(import.meta.dirname, '../../../shared/samples/local/serial/mini_vidas.txt')

t.test('mini vidas: the real transmission, when it is at hand', async (t) => {
  if (!existsSync(sample)) return
  t.match(scanVidas(new Uint8Array(readFileSync(sample))), {
    packet: { fields: { mt: 'rsl', ci: 'Z1G021SCR', rt: 'HBCT', ql: 'Positif', qn: '0.05' } },
  })
})

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import t from 'tap'
import { holdsWhatScannersPromise, plain } from '../../test/scanner-properties.ts'
import { joinBytes, latin1Bytes, latin1Text, noBytes } from '../bytes/bytes.ts'
import { fromHex, toHex } from '../packet/hex.ts'
import {
  encodeMicrolife,
  microlifeLimitBytes,
  microlifePayload,
  microlifeQuestion,
  microlifeReport,
  scanMicrolife,
  type MicrolifeRecord,
} from './reply.ts'

const record: MicrolifeRecord = {
  deviceTime: null,
  systolicMmHg: 134,
  diastolicMmHg: 88,
  pulsePerMinute: 71,
}
/** A record of a monitor whose clock was never set. */
const unset = '15000000000000000471608604716086'

function reply(...records: readonly string[]): Uint8Array {
  const whole = latin1Text(encodeMicrolife(records.map(() => record)))
  const data = whole.slice(1, 33) + records.join('')
  const sum = [...latin1Bytes(data)].reduce((total, byte) => total + byte, 0) & 0xff
  return latin1Bytes(`\u0006${data}${sum.toString(16).toUpperCase().padStart(2, '0')}`)
}

t.test('microlife: a record whose clock was never set', async (t) => {
  t.strictSame(scanMicrolife(reply(unset)), { kind: 'packet', packet: [record], length: 67 })
  t.match(scanMicrolife(reply(unset.replace('1500000000', '2503140941'), unset)), {
    packet: [{ deviceTime: { year: 2025, month: 3, day: 14, hour: 9, minute: 41 } }, record],
  })
  t.match(scanMicrolife(reply()), { packet: [] })
})

t.test('microlife: the beginning of a real reply, of 53 records', async (t) => {
  const path = join(import.meta.dirname, '../../../shared/samples/local/serial/microlife-bpa.hex')
  const lines = existsSync(path) ? readFileSync(path, 'latin1').split('\n') : []
  const cycles = lines.find((line) => line.startsWith('06 30 30 33 35'))
  if (cycles !== undefined) {
    const text = latin1Text(fromHex(cycles.replaceAll(/\s/g, '')) ?? noBytes)
    const first = { systolicMmHg: 132, diastolicMmHg: 86, pulsePerMinute: 70, deviceTime: null }
    t.match(scanMicrolife(reply(text.slice(33))), { packet: [first] })
    t.equal(scanMicrolife(latin1Bytes(text)).kind, 'incomplete', 'the other 52 are missing')
  }
})

t.test('microlife: refuses a wrong sum, a word that is not repeated, too many', async (t) => {
  const good = latin1Text(reply(unset))
  t.match(scanMicrolife(latin1Bytes(good.replace('15', '16'))), { reason: 'wrong check sum' })
  const changed = unset.replace('04716086', '04716087')
  t.match(scanMicrolife(reply(changed)), { reason: 'no record in its place' })
  t.match(scanMicrolife(latin1Bytes('\u0006FFFF')), { kind: 'noise', length: 1 })
  t.match(scanMicrolife(latin1Bytes('\u0006!')), { kind: 'noise', reason: 'no frame' })
})

t.test('microlife: reports of its bridge, full and not full', async (t) => {
  const reports = ['f30612160a0b0c0d', 'f61828323143420e'].map((hex) => fromHex(hex) ?? noBytes)
  t.equal(toHex(joinBytes(...reports.map(microlifePayload))), '061216182832314342')
  t.strictSame(microlifePayload(Uint8Array.of(0x03, 1, 2, 3)), noBytes)
  t.strictSame(microlifePayload(noBytes), noBytes)
  t.equal(toHex(microlifeReport(microlifeQuestion)), '0412161822000000')
})

const tenBits = fc.integer({ min: 1, max: 1_023 })
const anyRecord = plain<MicrolifeRecord>({
  deviceTime: fc.option(
    plain({
      year: fc.integer({ min: 2000, max: 2099 }),
      month: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 1, max: 28 }),
      hour: fc.nat(23),
      minute: fc.nat(59),
      second: fc.constant(null),
    }),
  ),
  systolicMmHg: tenBits,
  diastolicMmHg: tenBits,
  pulsePerMinute: tenBits,
})

holdsWhatScannersPromise('microlife', {
  scan: scanMicrolife,
  encode: encodeMicrolife,
  packets: fc.array(anyRecord, { maxLength: 4 }),
  limitBytes: microlifeLimitBytes,
})

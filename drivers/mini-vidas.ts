/** bioMerieux mini VIDAS: immunology, an answer in words with the number behind it. */
import { scanVidas, vidasFrameLimitBytes, type VidasResult } from '../protocols/mini-vidas/frame.ts'
import { deviceTimeOf } from '../protocols/packet/device-time.ts'
import type { DeviceTime } from '../protocols/packet/record.ts'
import type { Said } from './driver.ts'
import { enquiryHost } from './enquiry-host.ts'
import { laboratoryValue, textWord } from './laboratory.ts'
import { measured } from './measured.ts'

const eight = { dataBits: 8, parity: 'none', stopBits: 1 } as const

export const miniVidas = enquiryHost<VidasResult>({
  id: 'mini-vidas',
  label: 'bioMerieux mini VIDAS immunoassay analyser',
  source:
    'A transmission of a real instrument, decoded to values checked by hand; an open ' +
    'implementation for the names of the fields. The line setting is a guess: look in its menu',
  evidence: 'captured',
  confidence: 'medium',
  links: [
    { kind: 'serial', lines: [{ baud: 9_600, ...eight }], usb: [], splits: 'bytes' },
    { kind: 'tcp', weAre: 'server', port: null, splits: 'bytes' },
  ],
  asks: 'nothing',
  waves: [],
  streams: ['measurement', 'event'],
  silentAfterMs: null,

  scan: scanVidas,
  frameLimitBytes: vidasFrameLimitBytes,
  read: resultsOf,
})

function resultsOf({ fields }: VidasResult): readonly Said[] {
  const field = (name: string) => fields[name] ?? ''
  const test = field('rt') || field('rn')
  if (test === '') return []
  const common = { term: null, loinc: '', isDoubtful: false }
  const words = laboratoryValue('mini-vidas', { ...common, test, text: field('ql'), unit: '' })
  const number = { ...common, test: `${test}-index`, text: field('qn'), unit: field('y3') }
  const date = field('td')
  const hasNumber = field('qn') !== ''
  const result = measured(
    [
      ...(hasNumber && field('ql') === '' ? [] : [words]),
      ...(hasNumber ? [laboratoryValue('mini-vidas', number)] : []),
    ],
    {
      deviceTime: timeOf(date, field('tt')),
      qualifiers: {
        ...textWord('test', field('rn')),
        ...textWord('deviceClock', `${date} ${field('tt')}`.trim()),
        ...textWord('dilution', field('qd')),
        ...textWord('flags', field('nc')),
      },
      identifiers: {
        ...textWord('specimenId', field('ci')),
        ...textWord('patientId', field('pi')),
      },
    },
  )
  const serialNumber = field('sn')
  if (serialNumber === '') return [result]
  return [{ kind: 'identity', model: 'mini VIDAS', serialNumber, firmware: null }, result]
}

/**
 * Month first or day first, as its menu says: known only where one of them cannot be a month. Else
 * the date stays in the qualifier `deviceClock`, as it stood.
 */
function timeOf(date: string, clock: string): DeviceTime | null {
  const [, one = '', other = '', year = ''] = /^(\d\d)\/(\d\d)\/(\d\d)$/.exec(date) ?? []
  const [, hour = '', minute = ''] = /^(\d\d):(\d\d)$/.exec(clock) ?? []
  if (one === '' || hour === '') return null
  const [first, second] = [Number(one), Number(other)]
  if (first <= 12 && second <= 12 && first !== second) return null
  const [month, day] = second > 12 ? [first, second] : [second, first]
  return deviceTimeOf(2_000 + Number(year), month, day, Number(hour), Number(minute))
}

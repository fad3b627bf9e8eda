/** The devices of the van itself: the loggers of its vaccine, and the receiver of its position. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { latin1Bytes, latin1Text } from '../protocols/bytes/bytes.ts'
import { encodeNmea, type NmeaFix, type NmeaMinimum } from '../protocols/nmea/sentence.ts'
import { formatSaid } from './capture-said.ts'
import type { Said } from './driver.ts'
import { fridgeTag } from './fridge-tag.ts'
import { nmeaGps } from './nmea-gps.ts'
import { Player } from './replay.ts'

const folder = join(import.meta.dirname, 'captures/fridge-tag')

function fileOf(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(folder, name)))
}

function changed(bytes: Uint8Array, from: RegExp, to: string): Uint8Array {
  return latin1Bytes(latin1Text(bytes).replace(from, to))
}

function heard(player: Player, bytes: Uint8Array): readonly Said[] {
  player.hear(bytes)
  return player.takeSaid()
}

t.test('fridge tag: keeps the file, and says each day once', async (t) => {
  const player = new Player(fridgeTag.session())
  const file = fileOf('fridge-tag-2.txt')
  const said = heard(player, file)
  t.strictSame(
    said.map(({ kind }) => kind),
    ['identity', 'document', 'measurement', 'measurement', 'measurement', 'measurement'],
  )
  t.match(said[0], { model: 'Q-tag Fridge-tag 2', serialNumber: '130400191544' })
  const [, document] = said
  if (document?.kind !== 'document') throw new Error('unreachable')
  t.strictSame(document.bytes, file)
  t.notMatch(document.title, /1304/, 'no name of a file')
  t.equal(
    said[5] === undefined ? '' : formatSaid(said[5]),
    'measurement SIMPUL_STORAGE_TEMPERATURE_MIN 2 Cel SIMPUL_STORAGE_TEMPERATURE_MAX 8 Cel ' +
      'SIMPUL_STORAGE_TEMPERATURE_MEAN 4.6 Cel SIMPUL_STORAGE_TIME_BELOW_LIMIT 0 min ' +
      'SIMPUL_STORAGE_TIME_ABOVE_LIMIT 0 min SIMPUL_STORAGE_TIME_WITHOUT_SENSOR 21 min ' +
      'at 2023-04-20T00:00 with record="130400191544 2023-04-20" period=day-so-far ' +
      'until=2023-04-20T15:14 zone=not-set lowestAt=13:30 highestAt=14:33 checkedPm=15:13 ' +
      'lowLimitCel=-0.5 lowAllowedMinutes=60 highLimitCel=8 highAllowedMinutes=600',
  )
  const later = changed(
    file,
    /TS Report Creation: 2023-04-20 15:14/,
    'TS Report Creation: 2023-04-20 16:40',
  )
  const again = heard(player, later).filter(({ kind }) => kind === 'measurement')
  t.match(again, [{ qualifiers: { record: '130400191544 2023-04-20', until: '2023-04-20T16:40' } }])
})

t.test('fridge tag: an alarm of the newest day is one, an older one a warning', async (t) => {
  const player = new Player(fridgeTag.session())
  const file = changed(
    fileOf('fridge-tag-2.txt'),
    /t Acc: 0\r\n {2}Ext/,
    't Acc: 610, TS A: 10:10\r\n  Ext',
  )
  const old = changed(file, /t Acc: 2\r\n/, 't Acc: 700, TS A: 11:00\r\n')
  const events = heard(player, old).filter(({ kind }) => kind === 'event')
  t.strictSame(events.map(formatSaid), [
    'event storage-too-warm warning once with record="130400191544 2023-04-18" since=11:00 limitCel=8',
    'event storage-too-warm alarm once with record="130400191544 2023-04-20" since=10:10 limitCel=8',
  ])
  t.strictSame(
    heard(player, old).filter(({ kind }) => kind === 'event'),
    [],
    'the same file again',
  )
})

t.test('fridge tag: the journey of a Q-tag, and a file that is not finished', async (t) => {
  const player = new Player(fridgeTag.session())
  const file = fileOf('q-tag.txt')
  const said = heard(player, file)
  t.equal(said.filter(({ kind }) => kind === 'event').length, 6)
  t.match(said[2], {
    kind: 'measurement',
    deviceTime: { year: 2022, month: 11, day: 8, hour: 4, minute: 49 },
    qualifiers: { period: 'journey', until: '2022-11-09T01:28', kineticMeanCel: '10.5' },
  })
  t.match(said[6], {
    code: 'storage-too-cold',
    detail: { counts: 'consecutive', minutes: '145', worstCel: '0.9' },
  })
  t.strictSame(heard(player, file.slice(0, 3_000)), [])
  t.equal(player.noiseBytes, 3_000)
})

const minimum: NmeaMinimum = {
  kind: 'minimum',
  talker: 'GN',
  timeMs: 0,
  isValid: true,
  position: { latitudeDeg: -6.9, longitudeDeg: 107.6 },
  speedKnots: 0,
  courseDeg: null,
  date: { year: 2026, month: 11, day: 24 },
  mode: 'A',
}
const fix: NmeaFix = {
  kind: 'fix',
  talker: 'GN',
  timeMs: 0,
  position: minimum.position,
  quality: 1,
  satellites: 9,
  dilution: 0.9,
  altitudeM: 700,
}

/** One second of a receiver; answers how many positions were said. */
function second(
  player: Player,
  timeMs: number,
  latitudeDeg: number,
  speedKnots: number,
): readonly Said[] {
  player.pass(1_000)
  const position = { latitudeDeg, longitudeDeg: 107.6 }
  player.hear(encodeNmea({ ...minimum, timeMs, position, speedKnots }))
  return heard(player, encodeNmea({ ...fix, timeMs, position }))
}

t.test('nmea gps: says where it is every half minute, and at once when it moves', async (t) => {
  const player = new Player(nmeaGps.session())
  const said: number[] = []
  for (let at = 0; at < 65; at++) {
    if (second(player, at * 1_000, -6.9, 0).length > 0) said.push(at)
  }
  t.strictSame(said, [0, 30, 60])
  t.equal(second(player, 65_000, -6.9, 8).length, 1, 'it drives off')
  t.equal(second(player, 66_000, -6.90004, 8).length, 0, 'four metres')
  t.equal(second(player, 67_000, -6.9005, 8).length, 1, 'fifty')
  t.equal(second(player, 68_000, -6.9005, 2).length, 0, 'slow is not yet standing')
  t.equal(second(player, 69_000, -6.9005, 0.5).length, 1, 'it stands')
})

t.test('nmea gps: a jump is no journey', async (t) => {
  const player = new Player(nmeaGps.session())
  second(player, 0, -6.9, 0)
  player.pass(30_000)
  t.strictSame(second(player, 31_000, -7.9, 0), [], 'a hundred kilometres in half a minute')
  t.strictSame(second(player, 32_000, -6.9, 0), [], 'and back')
  t.equal(second(player, 33_000, -6.9, 0).length, 1)
})

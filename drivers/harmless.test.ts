/** No driver can start, stop, erase or set anything, whatever its device answers. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { latin1Bytes } from '../protocols/bytes/bytes.ts'
import { toHex } from '../protocols/packet/hex.ts'
import { parseCapture } from './capture.ts'
import type { Driver, Heard } from './driver.ts'
import { driverOf } from './index.ts'

function hex(text: string): string {
  return toHex(latin1Bytes(text))
}

/** Everything that begins so and does not go on by one of these. */
function allBut(beginning: string, ...allowed: readonly string[]): RegExp {
  return new RegExp(`^${hex(beginning)}(?!${allowed.map(hex).join('|')})`)
}

/**
 * What starts or stops a cuff, a pump or a ventilator, erases a memory or sets anything, in
 * hexadecimal, each with something that must not be sent and that it must recognise.
 */
const forbidden: readonly (readonly [driver: string, pattern: RegExp, example: string])[] = [
  [
    'alaris-asena',
    allBut('!', 'ALARM|', 'COMMS_PROTOCOL|', 'INF|', 'INST_SERIALNO|', 'SYRINGE_STATUS|'),
    hex('!INF_START|'),
  ],
  ['and-tm265x', /^161601.{4}025354/, '1616013030025354'],
  ['baxter-as50', allBut('[', 'DEV?]', 'STATUS?]', 'PRIRATE?]'), hex('[PRIRATE=9.9]')],
  [
    'bbraun-bcc',
    /^01(?:..)*3e(?!4145584d494e3a(?:414c49564545|5645455253494f4e)03|4d45454d3a4745455403)/,
    hex('\u000100028\u00021/1/1>MEEM:SEET\u000300000\u0004'),
  ],
  ['berrymed-pm6750', /^55aa0402/, '55aa040201f8'],
  ['beurer-bm58', /^(?!a[2-7]|aa|f[67])/, 'a0'],
  ['caresens', /^0269535063..(?!52534e42|5254494d|4e434f54|474c5545)/, '02695350630d5754494d'],
  ['contec08a', /^41/, '418ffffefdfc'],
  // An answer, or the end of a dialogue: writing would begin by an enquiry.
  ['contour', /^(?!41424301(?:04|06|15)(?:00){59}$|0[46]$|15$)/, '4142430105'],
  ['dinamap', /^204e(?:43|44)/, '204e4330450d'],
  [
    'draeger-medibus',
    /^(?:1b(?!(?:51|52|53|24|2b|27|2e|29|2a|54(?:303[06]3031)+)....0d$)|01..(?!....0d$))/,
    '1b4a24454231300d',
  ],
  ['freestyle-lite', /^(?!6d656d$)/, '2474696d2c'],
  // Text, where a comma would set what a question mark asks for.
  ['freestyle-neo', /^60..(?:..)*2c/, '6008247461672c31'],
  ['freestyle-optium', /^24(?!786d656d0d0a$)/, '2474696d2c'],
  ['gasboard-7500e', /^11(?!0101ed|011ed0)/, '110107e7'],
  ['microlife', /^121618(?!22)/, '12161828'],
  [
    'modem-signal',
    allBut('AT', '+CGMM\r', '+CSQ\r', '+CESQ\r', '+CREG?\r', '+CGREG?\r', '+CEREG?\r', '+COPS?\r'),
    hex('AT+CFUN=1,1\r'),
  ],
  ['nibscan', /^02(?!31383b)/, '0230313b3b443703'],
  ['omron-hem790it', /^05(?!564552|53524c|454e44)/, '05434c523030'],
  ['onetouch-ultra2', /^110d444d(?!40|46|50)/, '110d444d5a0d'],
  ['onetouch-ultraeasy', /^02.{4}05(?!0b02|2002|1f)/, '020d000520010000'],
  ['onetouch-verio', /^02.{4}03(?!0b0102|2002|2700|21)/, '020d000320010000'],
  ['pb840', /^(?!534e44460d$)/, hex('RSET\r')],
  ['respironics-v200', /^(?!534e44410d$)/, hex('RSET\r')],
  ['sd-codefree', /^531013/, '5310134144415445'],
  ['sht20-modbus', /^..(?!0[34])/, '0106010100025837'],
  ['suntech', /^3a(?!790[35])/, '3a20a6'],
  ['taidoc', /^51(?!2[2-8b]|49|71)/, '515200000000a346'],
]

/** What a driver sends to a silent device, and in its captures, where it is checked. */
function sentBy(driver: Driver): readonly string[] {
  const sent: string[] = []
  const session = driver.session()
  let heard: Heard | undefined
  for (let step = 0, atMs = 0; step < 200; step++) {
    const next = session.next(heard)
    heard = undefined
    if (next.done === true) break
    if (next.value.kind === 'listen') {
      atMs += next.value.ms
      heard = { kind: 'silence', atMs }
    } else if (next.value.kind === 'send') sent.push(toHex(next.value.bytes))
  }
  for (const path of globSync(join(import.meta.dirname, `captures/${driver.id}/*.cap`))) {
    const capture = parseCapture(readFileSync(path, 'utf8'))
    if (!capture.ok) throw new Error(`${path}: ${capture.reason}`)
    for (const step of capture.value) if (step.kind === 'host') sent.push(toHex(step.bytes))
  }
  return sent
}

t.test('drivers: none of them can start, stop or set anything', async (t) => {
  for (const [id, pattern, example] of forbidden) {
    const driver = driverOf(id)
    if (driver === null) throw new Error(`there is no driver ${id}`)
    t.match(example, pattern, `${id}: the pattern finds what it is for`)
    const found = sentBy(driver).filter((sent) => pattern.test(sent))
    t.strictSame(found, [], `${id} sends none of them`)
  }
})

import t from 'tap'
import { parseCapture } from '../../drivers/capture.ts'
import { monotonicMs } from '../../protocols/world/clock.ts'
import { captureText } from './capture-text.ts'
import {
  FlightRecorder,
  recordedBytesMax,
  recordedMs,
  recordedPiecesMax,
} from './flight-recorder.ts'

const at = monotonicMs
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

function shown(recorder: FlightRecorder, nowMs: number): readonly string[] {
  return recorder
    .pieces(at(nowMs))
    .map((piece) => `${piece.atMs}${piece.direction === 'heard' ? '<' : '>'}${text(piece.bytes)}`)
}

t.test('flight recorder: keeps both directions with their times', async (t) => {
  const recorder = new FlightRecorder()
  t.strictSame(recorder.pieces(at(0)), [])
  recorder.add('sent', Buffer.from('ask'), at(1_000))
  recorder.add('heard', Buffer.from('ans'), at(1_000.5))
  recorder.add('heard', Buffer.from('wer'), at(1_009))
  recorder.add('heard', Buffer.from('late'), at(1_011))
  recorder.add('heard', new Uint8Array(), at(1_500))
  t.strictSame(shown(recorder, 2_000), ['1000>ask', '1000.5<answer', '1011<late'])
})

t.test('flight recorder: forgets after a minute', async (t) => {
  const recorder = new FlightRecorder()
  recorder.add('heard', Buffer.from('old'), at(1_000))
  recorder.add('heard', Buffer.from('young'), at(31_000))
  t.strictSame(shown(recorder, 1_000 + recordedMs), ['1000<old', '31000<young'])
  t.strictSame(shown(recorder, 1_001 + recordedMs), ['31000<young'])
  t.strictSame(shown(recorder, 200_000), [])
  recorder.add('heard', Buffer.from('new'), at(200_000))
  t.strictSame(shown(recorder, 200_000), ['200000<new'])
})

const chunk = (index: number) => new Uint8Array(1_000).fill(index % 251)

t.test('flight recorder: is bounded in bytes, and keeps the newest whole', async (t) => {
  const recorder = new FlightRecorder()
  for (let index = 0; index < 3_000; index++) recorder.add('heard', chunk(index), at(index * 20))
  const pieces = recorder.pieces(at(3_000 * 20))
  const total = pieces.reduce((sum, piece) => sum + piece.bytes.length, 0)
  t.equal(pieces.length, Math.floor(recordedBytesMax / 1_000))
  t.ok(total <= recordedBytesMax && total > recordedBytesMax - 1_000)
  t.ok(pieces.every((piece) => Buffer.from(piece.bytes).equals(chunk(piece.atMs / 20))))
})

t.test('flight recorder: is bounded in pieces', async (t) => {
  const recorder = new FlightRecorder()
  for (let index = 0; index < recordedPiecesMax + 10; index++) {
    recorder.add(index % 2 === 0 ? 'heard' : 'sent', Uint8Array.of(index % 256), at(index))
  }
  const pieces = recorder.pieces(at(recordedPiecesMax))
  t.equal(pieces.length, recordedPiecesMax)
  t.equal(pieces[0]?.atMs, 10)
  t.strictSame(pieces.at(-1)?.bytes, Uint8Array.of((recordedPiecesMax + 9) % 256))
})

t.test('flight recorder: one chunk larger than all of it keeps its end', async (t) => {
  const recorder = new FlightRecorder()
  const huge = Uint8Array.from({ length: recordedBytesMax + 5 }, (_, index) => index % 250)
  recorder.add('heard', Buffer.from('before'), at(0))
  recorder.add('heard', huge, at(20))
  const pieces = recorder.pieces(at(20))
  t.equal(pieces.length, 1)
  t.ok(Buffer.from(pieces[0]?.bytes ?? []).equals(huge.subarray(5)))
})

t.test('flight recorder: any mixture comes out as it went in', async (t) => {
  const recorder = new FlightRecorder()
  const model: { atMs: number; byte: number }[] = []
  let nowMs = 0
  for (let index = 0; index < 20_000; index++) {
    nowMs += 11 + (index % 7)
    const length = (index * 37) % 400
    recorder.add('heard', new Uint8Array(length).fill(index % 256), at(nowMs))
    for (let byte = 0; byte < length; byte++) model.push({ atMs: nowMs, byte: index % 256 })
  }
  const bytes = Buffer.concat(recorder.pieces(at(nowMs)).map((piece) => piece.bytes))
  const expected = model
    .filter((one) => one.atMs >= nowMs - recordedMs)
    .slice(-recordedBytesMax)
    .map((one) => one.byte)
  const tail = expected.slice(expected.length - bytes.length)
  t.ok(bytes.equals(Buffer.from(tail)))
  t.ok(expected.length - bytes.length < 400)
})

t.test('flight recorder: leaves as a capture that can be read again', async (t) => {
  const recorder = new FlightRecorder()
  recorder.add('sent', Buffer.of(0x55, 0xaa), at(1_000.4))
  recorder.add('heard', Buffer.from('ST,+001.2 kg\r\n'), at(1_100.9))
  recorder.add('heard', Buffer.from('more'), at(1_101 + 11))
  const head = { device: 'scale-1', driver: 'st-gs', where: '/dev/ttyUSB0', beganUtc: null }
  const capture = captureText(head, recorder.pieces(at(2_000))) ?? ''
  t.match(capture, /^# scale-1, driver st-gs, at \/dev\/ttyUSB0\n# begins at an unknown time\n#/)
  t.match(capture, /> 55 aa\n@ 101\n< "ST,\+001\.2 kg" 0d 0a\n@ 11\n< "more"\n$/)
  const parsed = parseCapture(capture)
  t.equal(parsed.ok, true)
  t.equal(captureText(head, []), null)
})

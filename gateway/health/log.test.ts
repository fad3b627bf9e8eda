import t from 'tap'
import { jsonLog, memoryLog, quietLog } from './log.ts'

function captured(level?: 'debug' | 'info' | 'warn' | 'error') {
  const written: string[] = []
  const stream = { write: (line: string) => void written.push(line) }
  const log = jsonLog(level === undefined ? { stream } : { level, stream })
  return {
    log,
    lines: () => written.map((line) => JSON.parse(line) as { [name: string]: unknown }),
  }
}

t.test('log: writes one JSON line with level, time and message', async (t) => {
  const { log, lines } = captured()
  log.info('port opened', { device: 'ecg-1', link: '/dev/ttyUSB0' })
  const [line] = lines()
  t.match(line, { level: 'info', msg: 'port opened', device: 'ecg-1', link: '/dev/ttyUSB0' })
  t.ok(Math.abs(Number(line?.time) - Date.now()) < 60_000)
  t.strictSame(Object.keys(line ?? {}).sort(), ['device', 'level', 'link', 'msg', 'time'])
})

t.test('log: only listed fields leave', async (t) => {
  const { log, lines } = captured()
  const fields = { count: 3, patient: 'secret', nik: 'secret' }
  log.warn('odd', fields)
  log.child({ device: 'bp-1', ...fields }).warn('odd too')
  t.notMatch(JSON.stringify(lines()), /secret/)
  t.match(lines(), [{ count: 3 }, { device: 'bp-1' }])
})

t.test('log: an error leaves with its causes, but without its own properties', async (t) => {
  const { log, lines } = captured()
  const cause = Object.assign(new Error('inner'), { line: 'secret' })
  log.error('failed', { err: Object.assign(new TypeError('outer', { cause }), { line: 'secret' }) })
  log.error('failed', { err: 'secret' })
  const circular = new Error('round')
  circular.cause = circular
  log.error('failed', { err: circular })
  t.notMatch(JSON.stringify(lines()), /secret/)
  t.match(lines(), [
    { err: { name: 'TypeError', message: 'outer', stack: /outer/, cause: { message: 'inner' } } },
    { err: { name: 'string' } },
    { err: { cause: { cause: { cause: { cause: { message: 'round' } } } } } },
  ])
})

t.test('log: a child carries device and driver', async (t) => {
  const { log, lines } = captured()
  log.child({ device: 'ecg-1' }).child({ driver: 'pm6750' }).error('gone', { ms: 5 })
  t.match(lines(), [{ level: 'error', device: 'ecg-1', driver: 'pm6750', ms: 5 }])
})

t.test('log: writes nothing below its level', async (t) => {
  const { log, lines } = captured('warn')
  log.debug('a')
  log.info('b')
  log.warn('c')
  t.strictSame(
    lines().map((line) => line.msg),
    ['c'],
  )
})

t.test('memory log: keeps level, message and fields', async (t) => {
  const memory = memoryLog()
  memory.log.debug('a')
  memory.log.child({ device: 'x' }).info('b', { count: 1 })
  memory.log.warn('c')
  memory.log.error('d')
  t.strictSame(memory.lines, [
    { level: 'debug', message: 'a', fields: {} },
    { level: 'info', message: 'b', fields: { device: 'x', count: 1 } },
    { level: 'warn', message: 'c', fields: {} },
    { level: 'error', message: 'd', fields: {} },
  ])
})

t.test('quiet log: says nothing', async (t) => {
  t.equal(quietLog.child({ device: 'x' }), quietLog)
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    t.equal(quietLog[level]('x'), undefined)
  }
})

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Change } from '../../../protocols/dicom/coercion.ts'
import { encodeFileHead } from '../../../protocols/dicom/part10.ts'
import { concat } from '../../../protocols/dicom/text.ts'
import { explicitLittle } from '../../../protocols/dicom/uids.ts'
import { encodeDataSet, instance, ultrasoundImage } from '../../../test/dicom/data-set.ts'
import { openCoercer } from './coercer.ts'

const names = { sopClassUid: ultrasoundImage, sopInstanceUid: '1.2.3' }
const changes: readonly Change[] = [{ tag: 0x0010_0020, representation: 'LO', text: 'V02-7' }]
const attribution = { system: 'SIMPUL', source: 'us-1', dateTime: '20261124101500.000+0000' }

function scene(t: Test, more: Partial<Parameters<typeof openCoercer>[0]> = {}) {
  const folder = t.testdir({ incoming: {} })
  const incoming = join(folder, 'incoming')
  const head = encodeFileHead({ ...names, transferSyntaxUid: explicitLittle })
  const dataSet = encodeDataSet(instance({ ...names, pixelBytes: 3_000_000 }), {
    explicit: true,
    little: true,
  })
  const bytes = concat([head, dataSet])
  const path = join(folder, 'image')
  writeFileSync(path, bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const coercer = openCoercer({ folder: incoming, ...more })
  t.teardown(() => coercer.stop())
  return { coercer, incoming, bytes, job: { path, sha256, changes, attribution } }
}

t.test('coercer: makes a file with the changes and nothing else', async (t) => {
  const { coercer, job, bytes } = scene(t)
  const outcome = await coercer.coerce(job)
  if (outcome.kind !== 'made') throw new Error('nothing was made')
  const made = readFileSync(outcome.file.path)
  t.equal(made.length, outcome.file.sizeBytes)
  t.equal(createHash('sha256').update(made).digest('hex'), outcome.file.sha256)
  t.ok(made.includes('V02-7'))
  t.equal(Buffer.compare(made.subarray(-3_000_000), bytes.subarray(-3_000_000)), 0)
  const again = await coercer.coerce({
    ...job,
    path: outcome.file.path,
    sha256: outcome.file.sha256,
  })
  t.strictSame(again, { kind: 'same' })
})

t.test('coercer: leaves no file when it refuses', async (t) => {
  const { coercer, job, incoming } = scene(t)
  const long: readonly Change[] = [{ tag: 0x0010_0020, representation: 'LO', text: 'x'.repeat(65) }]
  const outcomes = [
    await coercer.coerce({ ...job, sha256: 'f'.repeat(64) }),
    await coercer.coerce({ ...job, changes: long }),
    await coercer.coerce({ ...job, path: join(incoming, 'nothing') }),
  ]
  t.match(outcomes, [
    { kind: 'refused', why: 'the file is damaged' },
    { kind: 'refused', why: 'too long a value at 00100020' },
    { kind: 'refused', why: /ENOENT/ },
  ])
  t.strictSame(readdirSync(incoming), [])
})

t.test('coercer: answers when its thread dies, and goes on with another', async (t) => {
  const broken = new URL('data:text/javascript,process.exit(1)')
  const { coercer, job } = scene(t, { script: broken })
  t.match(await coercer.coerce(job), { kind: 'refused', why: /thread ended/ })
  t.match(await coercer.coerce(job), { kind: 'refused', why: /thread ended/ })
  await coercer.stop()
  t.match(await coercer.coerce(job), { kind: 'refused', why: 'it is being stopped' })
})

/** Our reader of data set heads against dicom-parser, which reads whole files, on real images. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import dicomParser from 'dicom-parser'
import t from 'tap'
import { HeaderReader } from './header-reader.ts'
import { decodeFileHead } from './part10.ts'

const root = join(import.meta.dirname, '..', '..')
const samples = join(root, '..', 'shared', 'samples', 'dicom')

function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).map((name) => join(folder, name))
}

/** null where dicom-parser cannot read the file, or reads it by inflating it. */
function oracle(bytes: Uint8Array) {
  try {
    const dataSet = dicomParser.parseDicom(bytes, { untilTag: 'x7fe00010' })
    const syntax = dataSet.string('x00020010')
    if (syntax === '1.2.840.10008.1.2.1.99') return null
    return {
      sopClassUid: dataSet.string('x00080016') ?? null,
      sopInstanceUid: dataSet.string('x00080018') ?? null,
      modality: dataSet.string('x00080060') ?? null,
      studyInstanceUid: dataSet.string('x0020000d') ?? null,
      seriesInstanceUid: dataSet.string('x0020000e') ?? null,
    }
  } catch {
    return null
  }
}

t.test('header reader: finds what dicom-parser finds', async (t) => {
  const own = ['ultrasound.dcm', 'x-ray.dcm'].map((name) => join(root, 'gateway/cli/demo', name))
  const more = ['us', 'xr', 'ts', 'other', 'charset'].flatMap((one) => filesIn(join(samples, one)))
  let compared = 0
  for (const path of [...own, ...more]) {
    const bytes = new Uint8Array(readFileSync(path))
    const expected = oracle(bytes)
    const head = decodeFileHead(bytes)
    if (expected === null || !head.ok) continue
    const reader = new HeaderReader(head.value.transferSyntaxUid)
    reader.push(bytes.subarray(head.value.dataSetOffset))
    reader.end()
    t.match(reader.findings(), { ...expected, unreadable: null }, path)
    compared += 1
  }
  t.ok(compared >= own.length, `${compared} files`)
})

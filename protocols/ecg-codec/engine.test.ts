import t from 'tap'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inputsHash, moduleFile, moduleText } from '../../deploy/ecg-wasm.ts'
import { sameBytes } from '../packet/hex.ts'
import { crc32c } from './crc32c.ts'
import { ReferenceEngine, createWasmEngine, profiles } from './engine.ts'
import { signals } from './testing.ts'
import { encodeWave, isSame } from './wave.ts'

t.test('engine: the module is what the sources compile to', async (t) => {
  const kept = readFileSync(moduleFile, 'utf8')
  // The compiler takes longer than all else here: what it said of the same inputs is remembered.
  const told = createHash('sha256').update(inputsHash()).update(kept).digest('hex')
  const proof = join(import.meta.dirname, '../../.tap/ecg-wasm', told)
  if (!existsSync(proof) && kept === (await moduleText())) {
    mkdirSync(dirname(proof), { recursive: true })
    writeFileSync(proof, '')
  }
  t.ok(existsSync(proof), 'run make wasm')
})

t.test('engine: WebAssembly gives the bytes of the reference, packet after packet', async (t) => {
  const wrong: string[] = []
  for (const profile of profiles)
    for (const [name, samples] of signals(240)) {
      const leads = samples.length
      const fast = createWasmEngine(profile, leads)
      if (fast === null) throw new Error('this Node has no WebAssembly')
      const slow = new ReferenceEngine(profile, leads)
      const back = new ReferenceEngine(profile, leads)
      for (const [from, to] of [
        [0, 150],
        [150, 151],
        [151, 240],
      ] as const) {
        const values = new Int32Array(leads * (to - from))
        for (const [at, lead] of samples.entries())
          values.set(lead.subarray(from, to), at * (to - from))
        const bytes = fast.encode(values, to - from)
        const isSameThere = sameBytes(slow.encode(values, to - from), bytes)
        if (!isSameThere) wrong.push(`${profile}, ${name}, from ${from}`)
        const isSameBack = isSame({ ok: true, value: [back.decode(bytes, to - from)] }, [values])
        if (!isSameBack) wrong.push(`${profile}, ${name}, from ${from}, back`)
      }
    }
  t.strictSame(wrong, [])
})

/** CRC-32C over the packets of all signals, one after the other. */
const known = { best: 0x8d37_f6cf, light: 0x94de_1686 }

for (const profile of ['best', 'light'] as const)
  t.test(`engine: the format of profile ${profile} is what it was`, async (t) => {
    let crc = 0
    for (const samples of signals(300).values()) crc = crc32c(encodeWave(samples, profile), crc)
    t.equal(crc.toString(16), known[profile].toString(16))
  })

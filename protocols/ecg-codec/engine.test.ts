import t from 'tap'
import { moduleFile, moduleText } from '../../deploy/ecg-wasm.ts'
import { readFileSync } from 'node:fs'
import { ReferenceEngine, createWasmEngine, profiles } from './engine.ts'
import { signals } from './testing.ts'

t.test('engine: the module is what the sources compile to', async (t) => {
  t.equal(readFileSync(moduleFile, 'utf8'), await moduleText(), 'run node deploy/ecg-wasm.ts')
})

t.test('engine: WebAssembly gives the bytes of the reference, packet after packet', async (t) => {
  for (const profile of profiles)
    for (const [name, samples] of signals(400)) {
      const leads = samples.length
      const fast = createWasmEngine(profile, leads)
      if (fast === null) throw new Error('this Node has no WebAssembly')
      const slow = new ReferenceEngine(profile, leads)
      const back = new ReferenceEngine(profile, leads)
      for (const [from, to] of [
        [0, 250],
        [250, 251],
        [251, 400],
      ] as const) {
        const values = new Int32Array(leads * (to - from))
        for (const [at, lead] of samples.entries())
          values.set(lead.subarray(from, to), at * (to - from))
        const bytes = fast.encode(values, to - from)
        t.strictSame(slow.encode(values, to - from), bytes, `${profile}, ${name}`)
        t.strictSame(back.decode(bytes, to - from), values, `${profile}, ${name}, back`)
      }
    }
})

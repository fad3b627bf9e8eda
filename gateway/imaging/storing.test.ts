import t from 'tap'
import { nobody } from '../../protocols/dicom/stated-identity.ts'
import { journalTrouble } from '../errors/journal.ts'
import type { ReceivedImage, StoreOutcome } from './received-image.ts'
import { storing } from './storing.ts'

function image(sopInstanceUid: string, sha256: string): ReceivedImage {
  return {
    device: 'us-1',
    simulated: false,
    peerAddress: '10.0.0.7',
    calledAeTitle: 'SIMPUL',
    temporaryPath: `/in/${sha256}.part`,
    receivingMs: 3,
    identity: nobody,
    image: {
      kind: 'image',
      object: { sha256, sizeBytes: 1, mediaType: 'application/dicom', chunkBytes: 65_536 },
      sopClassUid: '1.2',
      sopInstanceUid,
      transferSyntaxUid: '1.2.840.10008.1.2',
      studyInstanceUid: null,
      seriesInstanceUid: null,
      modality: null,
      callingAeTitle: 'CART',
      dataSetOffset: 300,
      flags: ['no-study'],
    },
  }
}

/** A keeper that remembers, as slowly as the test wants. */
function keeper() {
  const held = new Map<string, string[]>()
  const flags: (readonly string[])[] = []
  const heard: string[] = []
  let fails: unknown = null
  let lookups = 0
  const { store, expect } = storing(
    {
      known: async (uid) => {
        lookups++
        return [...(held.get(uid) ?? [])]
      },
      store: async (one): Promise<StoreOutcome> => {
        await new Promise((resolve) => setImmediate(resolve))
        if (fails !== null) throw fails
        const { sopInstanceUid, object } = one.image
        const hashes = held.get(sopInstanceUid) ?? []
        if (hashes.includes(object.sha256)) return { status: 'already' }
        held.set(sopInstanceUid, [...hashes, object.sha256])
        flags.push(one.image.flags)
        return { status: 'stored' }
      },
    },
    {
      conflict: (one) => heard.push(`conflict ${one.image.object.sha256}`),
      failed: (error) => heard.push(`failed ${String(error)}`),
    },
  )
  const fail = (error: unknown) => (fails = error)
  return { store, expect, flags, heard, fail, lookups: () => lookups }
}

t.test('storing: the same instance with the same content is already there', async (t) => {
  const { store, flags, heard } = keeper()
  t.strictSame(await store(image('1.1', 'aa')), { status: 'stored' })
  t.strictSame(await store(image('1.1', 'aa')), { status: 'already' })
  t.strictSame(flags, [['no-study']])
  t.strictSame(heard, [])
})

t.test('storing: another content under the same instance is kept too, flagged', async (t) => {
  const { store, flags, heard } = keeper()
  await store(image('1.1', 'aa'))
  t.strictSame(await store(image('1.1', 'bb')), { status: 'stored' })
  t.strictSame(await store(image('1.1', 'bb')), { status: 'already' })
  t.strictSame(flags, [['no-study'], ['no-study', 'uid-conflict']])
  t.strictSame(heard, ['conflict bb'])
})

t.test('storing: two that come at once do not both look new', async (t) => {
  const { store, flags } = keeper()
  await Promise.all([
    store(image('1.1', 'aa')),
    store(image('1.1', 'bb')),
    store(image('2.2', 'bb')),
  ])
  const conflicts = flags.filter((one) => one.includes('uid-conflict'))
  t.equal(conflicts.length, 1)
})

t.test('storing: a full journal is full, everything else has failed and is said', async (t) => {
  const { store, heard, fail } = keeper()
  fail(journalTrouble('journal-full'))
  t.strictSame(await store(image('1.1', 'aa')), { status: 'full' })
  t.strictSame(heard, [])
  fail(new Error('card gone'))
  t.strictSame(await store(image('1.1', 'aa')), { status: 'failed' })
  t.strictSame(heard, ['failed Error: card gone'])
  fail(null)
  t.strictSame(await store(image('1.1', 'aa')), { status: 'stored' }, 'the next one is not blocked')
})

t.test(
  'storing: what is looked up while it comes counts once, and never for a later one',
  async (t) => {
    const { store, expect, flags, lookups } = keeper()
    expect('1.1')
    await store(image('1.1', 'aa'))
    t.equal(lookups(), 1)
    // Two of one instance begin when neither is stored.
    expect('2.2')
    expect('2.2')
    await Promise.all([store(image('2.2', 'aa')), store(image('2.2', 'bb'))])
    t.match(flags.at(-1), ['no-study', 'uid-conflict'])
    // One begins while another is being stored.
    const first = store(image('3.3', 'aa'))
    expect('3.3')
    await Promise.all([first, store(image('3.3', 'bb'))])
    t.match(flags.at(-1), ['no-study', 'uid-conflict'])
    for (let at = 0; at < 1_000; at++) expect(`4.${at}`)
    const before = lookups()
    await store(image('4.999', 'aa'))
    t.equal(lookups(), before)
    await store(image('4.0', 'aa'))
    t.equal(lookups(), before + 1, 'what never came whole is forgotten')
  },
)

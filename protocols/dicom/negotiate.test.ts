import t from 'tap'
import type { AssociateRequest, ProposedContext } from './association.ts'
import { chooseForReading, chooseForStorage, negotiate } from './negotiate.ts'
import { storageClassNames } from './storage-classes.ts'
import { storageService } from './storage-service.ts'
import { isUid, storageKind, transferSyntaxes, uidName } from './uids.ts'
import { verificationService } from './verification-service.ts'

const implicit = '1.2.840.10008.1.2'
const explicit = '1.2.840.10008.1.2.1'
const big = '1.2.840.10008.1.2.2'
const deflated = '1.2.840.10008.1.2.1.99'
const jpegBaseline = '1.2.840.10008.1.2.4.50'
const jpegLossless = '1.2.840.10008.1.2.4.70'
const jpegLs = '1.2.840.10008.1.2.4.80'
const jpip = '1.2.840.10008.1.2.4.94'
const unheardOf = '1.2.3.4.5'

t.test('negotiate: chooses what everybody reads, and never loses detail by choice', async (t) => {
  const cases: readonly (readonly [string, readonly string[], string | null])[] = [
    ['explicit before implicit', [implicit, explicit], explicit],
    ['implicit alone', [implicit], implicit],
    ['native before lossy', [jpegBaseline, implicit], implicit],
    ['lossless before lossy', [jpegBaseline, jpegLossless], jpegLossless],
    ['of two lossless ones the first', [jpegLs, jpegLossless], jpegLs],
    ['big endian after compressed', [big, jpegLs], jpegLs],
    ['big endian before lossy', [jpegBaseline, big], big],
    ['deflated before lossy', [jpegBaseline, deflated], deflated],
    ['lossy when there is nothing else', [jpegBaseline], jpegBaseline],
    ['known before unknown', [unheardOf, jpegBaseline], jpegBaseline],
    ['unknown when there is nothing else', [unheardOf], unheardOf],
    ['not what points elsewhere', [jpip], null],
    ['not what is no UID', ['../../etc', ''], null],
    ['nothing of nothing', [], null],
  ]
  for (const [what, proposed, chosen] of cases) t.equal(chooseForStorage(proposed), chosen, what)
})

t.test('negotiate: compresses on the device when told to', async (t) => {
  t.equal(chooseForStorage([explicit, jpegLossless, jpegLs], 'lossless'), jpegLs)
  t.equal(chooseForStorage([explicit, jpegBaseline], 'lossless'), explicit)
})

t.test('negotiate: a service that reads takes only what it can read', async (t) => {
  t.equal(chooseForReading([big, implicit]), implicit)
  t.equal(chooseForReading([jpegLs]), null)
})

t.test(
  'negotiate: every transfer syntax of the table alone is taken, or is a reference',
  async (t) => {
    for (const [uid, { coding, name }] of transferSyntaxes) {
      t.equal(chooseForStorage([uid]), coding === 'reference' ? null : uid, name)
    }
  },
)

const services = [
  verificationService,
  storageService({ acceptPrivate: true, preference: 'native' }),
]

function request(
  contexts: readonly ProposedContext[],
  user: Partial<AssociateRequest['user']> = {},
): AssociateRequest {
  return {
    protocolVersion: 1,
    calledAe: 'SIMPUL          ',
    callingAe: '  cart 1        ',
    applicationContext: '1.2.840.10008.3.1.1.1',
    contexts,
    user: {
      maxPduBytes: 16_384,
      implementationClassUid: null,
      implementationVersion: null,
      asyncWindow: null,
      roles: [],
      identity: null,
      identityAnswer: null,
      ...user,
    },
  }
}

t.test(
  'negotiate: serves storage, private classes and verification, and says no to the rest',
  async (t) => {
    const offered: readonly (readonly [string, string])[] = [
      ['1.2.840.10008.5.1.4.1.1.6.1', 'accepted'],
      ['1.3.46.670589.2.5.1.1', 'accepted'],
      ['1.2.840.10008.5.1.4.1.1.999.1', 'accepted'],
      ['1.2.840.10008.1.1', 'accepted'],
      ['1.2.840.10008.5.1.4.31', 'abstract-syntax-not-supported'],
      ['1.2.840.10008.5.1.4.1.2.2.1', 'abstract-syntax-not-supported'],
      ['1.2.840.10008.5.1.4.1.1.200.4', 'abstract-syntax-not-supported'],
      ['nonsense', 'abstract-syntax-not-supported'],
      ['', 'abstract-syntax-not-supported'],
    ]
    const contexts = offered.map(([abstractSyntax], index) => ({
      id: index * 2 + 1,
      abstractSyntax,
      transferSyntaxes: [implicit],
    }))
    const { accept, refused } = negotiate(request(contexts), services, 131_072)
    t.strictSame(
      accept.contexts.map(({ id, result }) => [contexts[(id - 1) / 2]?.abstractSyntax, result]),
      offered,
    )
    t.equal(refused.length, 5)
    const strict = [storageService({ acceptPrivate: false, preference: 'native' })]
    t.equal(negotiate(request(contexts), strict, 131_072).contexts.size, 2)
  },
)

t.test(
  'negotiate: answers each of 128 contexts, repeated classes too, and always with a syntax',
  async (t) => {
    const contexts = Array.from({ length: 128 }, (_, index) => ({
      id: index * 2 + 1,
      abstractSyntax: '1.2.840.10008.5.1.4.1.1.6.1',
      transferSyntaxes: index === 7 ? [] : index === 8 ? [jpip] : [explicit],
    }))
    const { accept, contexts: accepted } = negotiate(request(contexts), services, 131_072)
    t.strictSame(
      accept.contexts.map((context) => context.id),
      contexts.map((context) => context.id),
    )
    t.equal(accepted.size, 126)
    t.match(accept.contexts[7], {
      result: 'transfer-syntaxes-not-supported',
      transferSyntax: implicit,
    })
    t.match(accept.contexts[8], { result: 'transfer-syntaxes-not-supported', transferSyntax: jpip })
  },
)

t.test('negotiate: repeats the titles byte for byte and answers only what was asked', async (t) => {
  const contexts = [{ id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: [implicit] }]
  const plain = negotiate(request(contexts), services, 131_072).accept
  t.equal(plain.callingAe, '  cart 1        ')
  t.match(plain.user, { maxPduBytes: 131_072, asyncWindow: null, roles: [], identityAnswer: null })
  const asked = request(contexts, {
    asyncWindow: { invoked: 0, performed: 0 },
    identity: { type: 2, wantsAnswer: true },
    roles: [
      { sopClassUid: '1.2.840.10008.1.1', scu: true, scp: true },
      { sopClassUid: '1.2.840.10008.1.1', scu: false, scp: true },
      { sopClassUid: '1.2.3', scu: true, scp: true },
    ],
  })
  t.match(negotiate(asked, services, 131_072).accept.user, {
    asyncWindow: { invoked: 1, performed: 1 },
    identityAnswer: new Uint8Array(),
    roles: [{ sopClassUid: '1.2.840.10008.1.1', scu: true, scp: false }],
  })
})

t.test('uids: are digits and dots, up to 64, and never a path', async (t) => {
  for (const uid of ['1', '1.2.840.10008.1.2', '1.02.3', '1'.repeat(64)]) t.ok(isUid(uid), uid)
  const wrong = ['', '.', '..', '../../etc/passwd', '1.2/3', '1.2 ', '1.2a', '1'.repeat(65), '1\n']
  for (const uid of wrong) t.notOk(isUid(uid), JSON.stringify(uid))
})

t.test('uids: the table holds UIDs of storage, and names them', async (t) => {
  for (const uid of storageClassNames.keys()) {
    if (!isUid(uid) || storageKind(uid) !== 'standard') t.fail(uid)
  }
  t.equal(storageClassNames.size > 170, true)
  t.equal(uidName('1.2.840.10008.5.1.4.1.1.6.1'), 'UltrasoundImageStorage')
  t.equal(uidName('1.2.840.10008.1.2.4.202'), 'HTJ2KLosslessRPCL')
  t.equal(uidName('1.2.840.10008.1.1'), 'Verification')
  t.equal(uidName('1.2.3'), '1.2.3')
})

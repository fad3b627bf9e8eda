import { generateKeyPairSync, sign } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import t from 'tap'
import { ed25519Verifier, sha256, unzstd } from './open-tools.ts'

t.test('open tools: SHA-256 of the empty text', async (t) => {
  const hash = Buffer.from(sha256(new Uint8Array())).toString('hex')
  t.equal(hash, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
})

t.test('open tools: zstd up to its limit, and nothing that is cut or foreign', async (t) => {
  const plain = new Uint8Array(100_000).fill(65)
  const packed = zstdCompressSync(plain)
  t.equal(unzstd(packed, plain.length).length, plain.length)
  t.throws(() => unzstd(packed, plain.length - 1))
  for (let end = 0; end < packed.length; end++) t.throws(() => unzstd(packed.subarray(0, end), 1e6))
  t.throws(() => unzstd(Buffer.from('no zstd'), 100))
})

t.test('open tools: Ed25519 by the raw key, and only by the right one', async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32))
  const message = Buffer.from('hello')
  const signature = new Uint8Array(sign(null, message, privateKey))
  const verify = ed25519Verifier(raw)
  t.equal(verify?.(message, signature), true)
  t.equal(verify?.(Buffer.from('hullo'), signature), false)
  t.equal(verify?.(message, signature.slice(1)), false)
  const other = raw.map((byte) => byte ^ 1)
  t.not(ed25519Verifier(other)?.(message, signature), true)
  t.equal(ed25519Verifier(raw.slice(1)), null)
})

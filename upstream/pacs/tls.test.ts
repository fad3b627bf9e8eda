import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FakeArchive } from '../../test/dicom/fake-archive.ts'
import { FakeDicomWeb } from '../../test/dicom/fake-dicomweb.ts'
import { dicomTo, phases, ultrasound, until } from '../../test/dicom/forwarding.ts'
import { ForwardingStage } from '../../test/dicom/forwarding-stage.ts'
import { ask } from '../testing/landing.ts'
import type { TlsFiles, WebDestination } from './destinations.ts'

/** One certificate for 127.0.0.1 that is its own authority. */
function certificate(folder: string): { readonly certificate: string; readonly key: string } {
  const [key, pem] = [join(folder, 'a.key'), join(folder, 'a.pem')]
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const about = ['-subj', '/CN=archive', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', pem, ...about], {
    stdio: 'ignore',
  })
  return { certificate: pem, key }
}

function stageWith(t: Test) {
  const stage = new ForwardingStage(t)
  const own = certificate(stage.folder)
  const [pem, key] = [readFileSync(own.certificate), readFileSync(own.key)]
  // The archive takes nobody whom it does not know.
  const serves = { cert: pem, key, ca: pem, requestCert: true, rejectUnauthorized: true }
  const known: TlsFiles = { authority: own.certificate, ...own }
  const stranger: TlsFiles = { authority: own.certificate, certificate: null, key: null }
  const blind: TlsFiles = { authority: null, certificate: null, key: null }
  return { stage, serves, known, stranger, blind }
}

const trouble = (folder: string, name: string): string =>
  String(ask(folder, 'SELECT trouble FROM forward_destination WHERE destination = ?', name)[0]?.[0])

t.test('tls: DICOM with certificates on both sides, and nothing without', async (t) => {
  const { stage, serves, known, stranger, blind } = stageWith(t)
  const fake = new FakeArchive({}, serves)
  const port = await fake.start()
  t.teardown(() => fake.stop())
  stage.land([ultrasound(1), ultrasound(2, { pixelBytes: 500_000 })])
  await stage.forward([
    dicomTo('known', port, { tls: known }),
    dicomTo('stranger', port, { tls: stranger }),
    dicomTo('blind', port, { tls: blind }),
    dicomTo('plain', port),
    dicomTo('keyless', port, { tls: { ...known, key: join(stage.folder, 'no.key') } }),
  ])
  const done = [['confirmed', null, 2]]
  t.strictSame(await stage.reaches('known', done), done)
  t.ok(await until(() => /^unreachable: .*certificate/.test(trouble(stage.folder, 'blind'))))
  t.ok(await until(() => trouble(stage.folder, 'keyless').startsWith('secrets: cannot read')))
  t.ok(await until(() => /^\w+: /.test(trouble(stage.folder, 'stranger'))))
  for (const name of ['stranger', 'blind', 'plain', 'keyless'])
    t.strictSame(phases(stage.folder, name), [['waiting', null, 2]], name)
})

t.test('tls: DICOMweb with certificates on both sides, and nothing without', async (t) => {
  const { stage, serves, known, blind } = stageWith(t)
  const fake = new FakeDicomWeb({}, serves)
  const url = await fake.start()
  t.teardown(() => fake.stop())
  stage.land([ultrasound(1)])
  const to: WebDestination = {
    kind: 'dicomweb',
    name: 'known',
    silenceSeconds: 5,
    takesSimulated: false,
    url,
    proof: 'qido',
    auth: null,
    tls: known,
  }
  await stage.forward([to, { ...to, name: 'blind', tls: blind }])
  const done = [['confirmed', null, 1]]
  t.strictSame(await stage.reaches('known', done), done)
  t.ok(await until(() => /certificate/.test(trouble(stage.folder, 'blind'))))
  t.strictSame(phases(stage.folder, 'blind'), [['waiting', null, 1]])
})

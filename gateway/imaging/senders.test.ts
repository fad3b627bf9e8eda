import t from 'tap'
import { isName } from '../../protocols/packet/topics.ts'
import { deviceNameOf, Senders } from './senders.ts'

const known = [
  { aeTitle: 'US_ROOM1', device: 'us-1', simulated: false },
  { aeTitle: 'us_room1', device: 'us-small', simulated: false },
  { aeTitle: 'DEMO', device: 'demo-xr', simulated: true },
]

const senders = new Senders(known)

t.test('senders: an exact title wins over one that only looks like it', async (t) => {
  t.match(senders.identify('US_ROOM1'), { device: 'us-1', known: true, nearly: null })
  t.match(senders.identify('us_room1'), { device: 'us-small', known: true, nearly: null })
  t.match(senders.identify('DEMO'), { device: 'demo-xr', simulated: true })
})

t.test('senders: case, spaces and dashes are forgiven, and said', async (t) => {
  for (const title of ['Us Room1', 'US-ROOM1', 'usroom1']) {
    t.match(senders.identify(title), { device: 'us-1', known: true, nearly: 'US_ROOM1' })
  }
})

t.test('senders: an unknown one gets a name that a stream can have', async (t) => {
  t.match(new Senders([]).identify('GE Vivid_iq/3'), { device: 'ge-vivid-iq-3', known: false })
  const titles = ['', '   ', '???', 'VAN', 'A', '-A-', 'X'.repeat(16), 'Ünïcode', 'a b  c']
  for (const title of titles) t.ok(isName(deviceNameOf(title)), JSON.stringify(title))
  t.not(deviceNameOf('van'), 'van', 'which is the name of the van itself')
})

t.test('senders: strangers without end do not become names without end', async (t) => {
  const doors = new Senders([])
  const names = new Set<string>()
  for (let turn = 0; turn < 1_000; turn++) names.add(doors.identify(`AE ${turn}`).device)
  t.equal(names.size, 33)
  t.equal(doors.identify('AE 7').device, 'ae-7', 'who came early keeps the name')
  t.equal(doors.identify('AE 999').device, 'dicom')
})

t.test('senders: a character set is for the device that is known to read it', async (t) => {
  const us = {
    aeTitle: 'US_1',
    device: 'us-1',
    simulated: false,
    characterSet: 'ISO_IR 192',
  } as const
  const doors = new Senders([us, { aeTitle: 'DX_1', device: 'dx-1', simulated: false }])
  const titles = ['US_1', 'us 1', 'DX_1', 'nobody']
  const sets = titles.map((title) => doors.characterSet(title))
  t.strictSame(sets, ['ISO_IR 192', 'ISO_IR 192', 'ISO_IR 100', 'ISO_IR 100'])
})

import t from 'tap'
import { isName } from '../../protocols/packet/topics.ts'
import { deviceNameOf, identifySender } from './senders.ts'

const known = [
  { aeTitle: 'US_ROOM1', device: 'us-1', simulated: false },
  { aeTitle: 'us_room1', device: 'us-small', simulated: false },
  { aeTitle: 'DEMO', device: 'demo-xr', simulated: true },
]

t.test('senders: an exact title wins over one that only looks like it', async (t) => {
  t.match(identifySender('US_ROOM1', known), { device: 'us-1', known: true, nearly: null })
  t.match(identifySender('us_room1', known), { device: 'us-small', known: true, nearly: null })
  t.match(identifySender('DEMO', known), { device: 'demo-xr', simulated: true })
})

t.test('senders: case, spaces and dashes are forgiven, and said', async (t) => {
  for (const title of ['Us Room1', 'US-ROOM1', 'usroom1']) {
    t.match(identifySender(title, known), { device: 'us-1', known: true, nearly: 'US_ROOM1' })
  }
})

t.test('senders: an unknown one gets a name that a stream can have', async (t) => {
  t.match(identifySender('GE Vivid_iq/3', []), { device: 'ge-vivid-iq-3', known: false })
  const titles = ['', '   ', '???', 'VAN', 'A', '-A-', 'X'.repeat(16), 'Ünïcode', 'a b  c']
  for (const title of titles) t.ok(isName(deviceNameOf(title)), JSON.stringify(title))
  t.not(deviceNameOf('van'), 'van', 'which is the name of the van itself')
})

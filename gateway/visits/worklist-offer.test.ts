import t from 'tap'
import type { WorklistEntry } from '../../protocols/dicom/worklist.ts'
import { nurse, oneOrder, ultrasound, visitsRig } from './visits-testing.ts'
import { offerWorklist } from './worklist-offer.ts'

t.test('worklist: is offered at once, and again when it changes', async (t) => {
  const { visits, clock } = await visitsRig()
  const offered: (readonly WorklistEntry[])[] = []
  const stop = offerWorklist({
    clock,
    visits,
    utcOffsetMinutes: 420,
    offer: (entries) => offered.push(entries),
  })
  t.strictSame(offered, [[]], 'an empty one too: nobody is asked to come back')
  const { visit, order } = await oneOrder({ visits })
  await clock.advance(50)
  t.strictSame(
    offered.map((entries) => entries.length),
    [0, 1],
    'three records, told once',
  )
  await visits.assignDevices(nurse, visit, ['us-1'])
  await clock.advance(50)
  t.equal(offered.length, 2, 'nothing that a modality sees')
  await visits.cancelOrder(nurse, order.order, '')
  await clock.advance(50)
  t.strictSame(offered.at(-1), [])
  await visits.makeOrder(nurse, ultrasound(visit))
  stop()
  await clock.advance(50)
  t.equal(offered.length, 3)
})

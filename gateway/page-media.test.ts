import t from 'tap'
import { mediaTrouble } from './errors/media.ts'
import type { MediumState } from './media/media.ts'
import { mediaDesk } from './page-media.ts'

const file = { name: 'A/IM1', sizeBytes: 7 }

const state: MediumState = {
  medium: { id: '0a', folder: '/run/media/simpul/sdb1', label: 'KLINIK' },
  state: 'done',
  look: {
    root: '/run/media/simpul/sdb1',
    dev: 1,
    instances: [],
    pictures: [{ ...file, format: 'jpeg' }],
    refused: {},
    missing: [],
    missingCount: 0,
    otherFiles: 3,
    isIncomplete: false,
  },
  studies: [
    {
      study: '1.2',
      modality: 'US',
      patientName: null,
      date: '20240502',
      images: 2,
      sizeBytes: 9,
    },
  ],
  progress: null,
  report: {
    stored: 2,
    already: 1,
    conflicts: 0,
    waiting: 1,
    refused: [{ files: 4, trouble: mediaTrouble('media-file-cut') }],
  },
  trouble: mediaTrouble('media-pulled-out'),
}

t.test('page: a medium is shown with its report, in both languages', async (t) => {
  const asked: unknown[] = []
  const desk = mediaDesk({
    media: () => [state],
    take: (...what) => void asked.push(what),
    wrap: (...what) => void asked.push(what),
    keep: async (...what) => void asked.push(what),
  })
  const [view] = await desk.media()
  t.match(view, {
    medium: '0a',
    label: 'KLINIK',
    state: 'done',
    studies: [{ study: '1.2', date: '2024-05-02', images: 2 }],
    pictures: [{ picture: 'picture-0', name: 'A/IM1', type: 'jpeg', sizeBytes: 7 }],
    otherFiles: 3,
    report: {
      stored: 2,
      known: 1,
      waiting: 1,
      refused: [{ files: 4, why: { en: /^A file ends before/, id: /^Berkas terpotong/ } }],
    },
    trouble: { code: 'media-pulled-out', id: { what: /dicabut/ } },
  })
  await desk.take('Bidan', '0a', ['1.2'])
  await desk.wrap('Bidan', '0a', ['picture-0'], 'order-1')
  await desk.keep('Bidan', { path: '/up/1', type: 'pdf', sizeBytes: 5 }, 'order-1')
  t.strictSame(asked, [
    ['0a', ['1.2']],
    ['0a', ['picture-0'], 'order-1'],
    ['/up/1', 'pdf', 'order-1'],
  ])
})

t.test('page: a medium that was not looked at yet has nothing to choose', async (t) => {
  const nothing = { ...state, look: null, studies: [], report: null, trouble: null }
  const desk = mediaDesk({
    media: () => [nothing],
    take: () => {
      throw mediaTrouble('media-busy')
    },
    wrap: () => {},
    keep: async () => {},
  })
  t.match(await desk.media(), [{ pictures: [], studies: [], otherFiles: 0, report: null }])
  await t.rejects(desk.take('Bidan', '0a', ['1.2']), { code: 'media-busy' })
})

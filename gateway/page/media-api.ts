/** The questions about sticks and discs, and the files that a browser brings. */
import { journalTrouble } from '../errors/journal.ts'
import { bad, bodyBytesMax, fieldsOf, namesIn, readBody, readJson, text } from './body.ts'
import type { MediumShown, MediumView } from './media-view.ts'
import type { Answer, Route, Routes } from './route.ts'
import { partBytesMax } from './uploads.ts'
import { asBy, token } from './visits-body.ts'

/** More than a person looks through. */
const listedMax = 500
const chosenBytesMax = 64 * 1_024
const nameLengthMax = 80

export const mediaRoutes: Routes = {
  '/api/media': {
    method: 'GET',
    who: 'signed in',
    answer: async ({ source }) => (await source.media.media()).map(shown),
  },
  '/api/media/take': post(chosenBytesMax, async ({ source }, body) => {
    const { by, medium, studies } = fieldsOf(body)
    const chosen = namesIn(studies, 'studies', listedMax)
    await source.media.take(asBy(by), text(medium, 'medium', nameLengthMax), chosen)
    return {}
  }),
  '/api/media/wrap': post(chosenBytesMax, async ({ source }, body) => {
    const { by, medium, pictures, order } = fieldsOf(body)
    const chosen = namesIn(pictures, 'pictures', listedMax)
    const name = text(medium, 'medium', nameLengthMax)
    await source.media.wrap(asBy(by), name, chosen, token(order, 'order'))
    return {}
  }),
  '/api/upload/begin': post(bodyBytesMax, async ({ source, uploads }, body) => {
    const { by, order, sizeBytes } = fieldsOf(body)
    if (typeof sizeBytes !== 'number' || !Number.isInteger(sizeBytes) || sizeBytes < 1) {
      throw bad('sizeBytes')
    }
    // Before it has come all the way for nothing.
    if ((await source.status()).journal.full) throw journalTrouble('journal-full')
    const upload = await uploads.begin({ by: asBy(by), order: token(order, 'order'), sizeBytes })
    return { upload, partBytesMax }
  }),
  '/api/upload/part': { method: 'POST', who: 'signed in', answer: part },
  '/api/upload/end': post(bodyBytesMax, async ({ source, uploads }, body) => {
    const upload = token(fieldsOf(body)['upload'], 'upload')
    await uploads.end(upload, (by, file, order) => source.media.keep(by, file, order))
    return {}
  }),
}

/** While it is working nothing can be chosen, and its progress is asked for often. */
function shown(medium: MediumView): MediumShown {
  const { state, studies, pictures } = medium
  if (state === 'working') return { ...medium, studies: [], pictures: [], unlisted: 0 }
  const unlisted =
    Math.max(0, studies.length - listedMax) + Math.max(0, pictures.length - listedMax)
  return {
    ...medium,
    studies: studies.slice(0, listedMax),
    pictures: pictures.slice(0, listedMax),
    unlisted,
  }
}

type Posted = (parts: Parameters<Answer>[0], body: unknown) => Promise<unknown>

function post(limitBytes: number, work: Posted): Route {
  return {
    method: 'POST',
    who: 'signed in',
    answer: async (parts, { request }) => work(parts, await readJson(request, limitBytes)),
  }
}

/** Which upload and where it begins stand in headers, because the body is the part itself. */
async function part(...[{ uploads }, { request }]: Parameters<Answer>): Promise<unknown> {
  const upload = token(request.headers['simpul-upload'], 'upload')
  const offset = Number(request.headers['simpul-offset'])
  if (!Number.isSafeInteger(offset) || offset < 0) throw bad('offset')
  const bytes = await readBody(request, /^application\/octet-stream$/, partBytesMax)
  return { receivedBytes: await uploads.part(upload, offset, bytes) }
}

/** The questions about sticks and discs, and the files that a browser brings. */
import { journalTrouble } from '../errors/journal.ts'
import { bad, fieldsOf, namesIn, readBody, readJson, text } from './body.ts'
import type { Answer, Route, Routes } from './route.ts'
import { partBytesMax } from './uploads.ts'
import { asBy, token } from './visits-body.ts'

const chosenMax = 500
const nameLengthMax = 80

export const mediaRoutes: Routes = {
  '/api/media': { method: 'GET', who: 'signed in', answer: ({ source }) => source.media.media() },
  '/api/media/take': post(async ({ source }, body) => {
    const { by, medium, studies } = fieldsOf(body)
    const chosen = namesIn(studies, 'studies', chosenMax)
    await source.media.take(asBy(by), text(medium, 'medium', nameLengthMax), chosen)
    return {}
  }),
  '/api/media/wrap': post(async ({ source }, body) => {
    const { by, medium, pictures, order } = fieldsOf(body)
    const chosen = namesIn(pictures, 'pictures', chosenMax)
    const name = text(medium, 'medium', nameLengthMax)
    await source.media.wrap(asBy(by), name, chosen, token(order, 'order'))
    return {}
  }),
  '/api/upload/begin': post(async ({ source, uploads }, body) => {
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
  '/api/upload/end': post(async ({ source, uploads }, body) => {
    const upload = token(fieldsOf(body)['upload'], 'upload')
    await uploads.end(upload, (by, file, order) => source.media.keep(by, file, order))
    return {}
  }),
}

type Posted = (parts: Parameters<Answer>[0], body: unknown) => Promise<unknown>

function post(work: Posted): Route {
  return {
    method: 'POST',
    who: 'signed in',
    answer: async (parts, { request }) => work(parts, await readJson(request)),
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

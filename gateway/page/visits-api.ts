/** Questions about visits, orders and whose images are. What is searched for is in no address. */
import { pageTrouble } from '../errors/page.ts'
import { bad, readJson } from './body.ts'
import { todayOf } from './patients.ts'
import { sentAlready, type Answer, type Route, type Routes } from './route.ts'
import {
  asCorrect,
  asDecision,
  asOf,
  asOpen,
  asOrder,
  asPreview,
  asSearch,
  asVisitDevices,
} from './visits-body.ts'
import type { VisitsAnswer } from './visits-view.ts'

const foundMax = 20

export const visitRoutes: Routes = {
  '/api/visits': {
    method: 'GET',
    who: 'signed in',
    answer: async ({ source, start }): Promise<VisitsAnswer> => {
      const [view, { clock }] = await Promise.all([source.visits.view(), source.status()])
      return { ...view, today: todayOf(clock.utcMs, start(true, '').zone) }
    },
  },
  '/api/visits/find': post(({ source }, body) => source.visits.find(asSearch(body), foundMax)),
  '/api/visits/open': post(({ patients }, body) => patients.open(asOpen(body))),
  '/api/visits/correct': post(({ patients }, body) => patients.correct(asCorrect(body))),
  '/api/visits/devices': post(({ source }, body) => {
    const { by, visit, devices } = asVisitDevices(body)
    return source.visits.assignDevices(by, visit, devices)
  }),
  '/api/visits/close': post(({ source }, body) => {
    const { by, token } = asOf('visit', body)
    return source.visits.close(by, token)
  }),
  '/api/visits/cancel': post(({ source }, body) => {
    const { by, token, reason } = asOf('visit', body)
    if (reason === '') throw bad('reason')
    return source.visits.cancel(by, token, reason)
  }),
  '/api/orders/make': post(({ patients }, body) => patients.order(asOrder(body))),
  '/api/orders/complete': post(({ source }, body) => {
    const { by, token } = asOf('order', body)
    return source.visits.completeOrder(by, token)
  }),
  '/api/orders/cancel': post(({ source }, body) => {
    const { by, token, reason } = asOf('order', body)
    return source.visits.cancelOrder(by, token, reason)
  }),
  '/api/images': {
    method: 'GET',
    who: 'signed in',
    answer: ({ source }) => source.visits.images.view(),
  },
  '/api/images/decide': post(({ source }, body) => {
    const { by, decision } = asDecision(body)
    return source.visits.images.decide(by, decision)
  }),
  '/api/images/preview': { method: 'POST', who: 'signed in', answer: preview },
}

type Posted = (parts: Parameters<Answer>[0], body: unknown) => Promise<unknown>

function post(work: Posted): Route {
  return {
    method: 'POST',
    who: 'signed in',
    answer: async (parts, { request }) => (await work(parts, await readJson(request))) ?? {},
  }
}

async function preview(
  ...[{ source }, { request, response }]: Parameters<Answer>
): Promise<symbol> {
  const picture = await source.visits.images.preview(asPreview(await readJson(request)))
  if (picture === null) throw pageTrouble('page-no-preview')
  response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Content-Length': picture.length })
  response.end(picture)
  return sentAlready
}

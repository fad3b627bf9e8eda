/** What the page shows where there are no media and no image waits. */
import { mediaTrouble } from './errors/media.ts'
import { pageTrouble } from './errors/page.ts'
import type { MediaDesk } from './page/media-view.ts'
import type { IdentityDesk } from './page/visits-view.ts'

const refuse = () => Promise.reject(mediaTrouble('media-nothing-chosen'))

export const noMedia: MediaDesk = {
  media: async () => [],
  take: refuse,
  wrap: refuse,
  keep: refuse,
}

export const nothingWaits: IdentityDesk = {
  view: async () => ({ waiting: [], decided: [] }),
  decide: () => Promise.reject(pageTrouble('page-other-patient')),
  preview: async () => null,
}

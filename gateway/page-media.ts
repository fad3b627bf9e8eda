/** Sticks, discs and pictures as the page shows them. */
import { mediaTrouble } from './errors/media.ts'
import { pictureId, type Media, type MediumState } from './media/media.ts'
import type { MediaDesk, MediumReport, MediumView } from './page/media-view.ts'
import { troubleWords } from './page/trouble-words.ts'

export function mediaDesk(media: Pick<Media, 'media' | 'take' | 'wrap' | 'keep'>): MediaDesk {
  return {
    media: async () => media.media().map((state) => viewOf(state)),
    take: async (_, medium, studies) => media.take(medium, studies),
    wrap: async (_, medium, pictures, order) => media.wrap(medium, pictures, order),
    keep: (_, file, order) => media.keep(file.path, file.type, order),
  }
}

const refuse = () => Promise.reject(mediaTrouble('media-nothing-chosen'))

/** Where nothing can be plugged in. */
export const noMedia: MediaDesk = {
  media: async () => [],
  take: refuse,
  wrap: refuse,
  keep: refuse,
}

function viewOf(state: MediumState): MediumView {
  const { medium, look, studies, progress, report, trouble } = state
  const pictures = look?.pictures ?? []
  return {
    medium: medium.id,
    label: medium.label,
    state: state.state,
    studies: studies.map((study) => ({ ...study, date: dateOf(study.date) })),
    pictures: pictures.map(({ name, format, sizeBytes }, index) => ({
      picture: pictureId(index),
      name,
      type: format,
      sizeBytes,
    })),
    otherFiles: look?.otherFiles ?? 0,
    progress,
    report: report === null ? null : reportOf(report),
    trouble: trouble === null ? null : troubleWords(trouble),
  }
}

function reportOf(report: NonNullable<MediumState['report']>): MediumReport {
  return {
    stored: report.stored,
    known: report.already,
    waiting: report.waiting,
    refused: report.refused.map(({ files, trouble }) => {
      const { en, id } = troubleWords(trouble)
      return { files, why: { en: `${en.what} ${en.todo}`, id: `${id.what} ${id.todo}` } }
    }),
  }
}

/** From YYYYMMDD. */
function dateOf(date: string | null): string | null {
  return date === null ? null : `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}`
}

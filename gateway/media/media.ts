/**
 * What is done with sticks and discs: each is looked at when it is plugged in, and nothing is taken
 * before a person has chosen. Also the way of a file that a person brings otherwise. Names of files
 * and studies say whose they are: they are for who is signed in, and in no log.
 */
import { basename, dirname } from 'node:path'
import { newUid } from '../../protocols/dicom/new-uid.ts'
import type { PictureFormat } from '../../protocols/dicom/media-file.ts'
import type {
  WrapDetails,
  WrapPurpose,
  WrapSubject,
  WrapTime,
} from '../../protocols/dicom/wrap-facts.ts'
import type { Image } from '../../protocols/packet/record.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { Random } from '../../protocols/world/random.ts'
import type { UtcSource } from '../clock/time-keeper.ts'
import { mediaTrouble } from '../errors/media.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { ReceivedImage, StoreOutcome } from '../imaging/received-image.ts'
import type { Log } from '../world.ts'
import type { FoundInstance, FoundPicture, Look } from './looking.ts'
import type { Place, RunReport } from './messages.ts'
import type { Medium } from './mounts.ts'
import type { MediaThread, NewJob, RunningJob, ThreadHears } from './thread.ts'
import { endingTrouble, refusalsOf, type Refusal } from './words.ts'
import type { WrapOrder } from './wrapping.ts'

export interface MediaParts {
  readonly clock: Clock
  readonly random: Random
  readonly time: UtcSource
  readonly log: Log
  readonly openThread: (hears: ThreadHears) => MediaThread
  readonly storing: ThreadHears
  /** Name of the van: the station of what is made in it. */
  readonly van: string
  readonly software: string
  /** How far the local time is ahead of UTC, in minutes. */
  readonly zoneMinutes: number
  /** Whose an order is; null when there is no such order. */
  readonly subjectOf: (order: string) => WrapSubject | null
  /** Something that the page shows is different. */
  readonly changed: () => void
}

export interface MediumState {
  readonly medium: Medium
  readonly state: 'looking' | 'ready' | 'working' | 'done'
  /** null before it was looked at. */
  readonly look: Look | null
  readonly studies: readonly FoundStudy[]
  readonly progress: { readonly done: number; readonly total: number } | null
  /** Of the newest work. */
  readonly report: MediumReport | null
  readonly trouble: Trouble | null
}

export interface MediumReport {
  readonly stored: number
  /** That were in the van already. */
  readonly already: number
  /** Among the stored: of an instance that is here with another content. */
  readonly conflicts: number
  /** Among the stored: a person must say whose they are. */
  readonly waiting: number
  readonly refused: readonly Refusal[]
}

/** Images of one examination. */
export interface FoundStudy {
  /** UID of the study; `none` for images that name none. */
  readonly study: string
  readonly modality: string | null
  readonly patientName: string | null
  /** YYYYMMDD as the first image says that says it. */
  readonly date: string | null
  readonly images: number
  readonly sizeBytes: number
}

interface Known {
  readonly medium: Medium
  state: MediumState['state']
  look: Look | null
  studies: readonly FoundStudy[]
  progress: MediumState['progress']
  report: MediumReport | null
  trouble: Trouble | null
  job: RunningJob | null
  /** It was pulled out while it was worked on: shown until the next one comes. */
  isGhost: boolean
}

/** Under which images of media run when nobody says which device they are of. */
export const mediumDevice = 'media'
/** Under which pictures run that are made images. */
const pictureDevice = 'photos'
const noStudy = 'none'
/** Of an image about which a person must say whose it is. */
const openIdentityFlag = 'identity-open'
const tellEveryMs = 500

export class Media {
  readonly #parts: MediaParts
  readonly #known = new Map<string, Known>()
  readonly #thread: MediaThread
  /** Hashes of what is on its way to the journal. */
  readonly #onTheWay = new Set<string>()
  /** Of the job that is running: how many images wait for a person to say whose they are. */
  #waiting = 0
  #toldMs = -Infinity

  constructor(parts: MediaParts) {
    this.#parts = parts
    this.#thread = parts.openThread({
      known: (sopInstanceUid) => parts.storing.known(sopInstanceUid),
      store: (image) => this.#store(image),
    })
  }

  /** An image is in the journal, whoever brought it. */
  stored({ object, flags }: Image): void {
    if (this.#onTheWay.has(object.sha256) && flags.includes(openIdentityFlag)) this.#waiting++
  }

  /** What is plugged in now. */
  seen(media: readonly Medium[]): void {
    const ids = new Set(media.map(({ id }) => id))
    const isNews = media.some(({ id }) => !this.#known.has(id))
    for (const [id, known] of this.#known) {
      const isThere = ids.has(id)
      if (known.isGhost) {
        if (isThere || isNews) this.#known.delete(id)
      } else if (!isThere) {
        known.job?.stop()
        if (known.state === 'working') known.isGhost = true
        else this.#known.delete(id)
      }
    }
    for (const medium of media) if (!this.#known.has(medium.id)) this.#add(medium)
    this.#parts.changed()
  }

  media(): readonly MediumState[] {
    return [...this.#known.values()].map(
      ({ medium, state, look, studies, progress, report, trouble }) => ({
        medium,
        state,
        look,
        studies,
        progress,
        report,
        trouble,
      }),
    )
  }

  /**
   * Begins to take the images of these studies. Throws a `Trouble` when there is nothing to take or
   * the medium is busy or gone. `device`: of which device they are, if a person said so.
   */
  take(id: string, studies: readonly string[], device: string = mediumDevice): void {
    const { known, look } = this.#ready(id)
    const chosen = look.instances.filter((one) => studies.includes(studyOf(one)))
    if (chosen.length === 0) throw mediaTrouble('media-nothing-chosen')
    const names = chosen.map(({ name }) => name)
    this.#run(known, { kind: 'take', place: placeOf(look), names, device })
  }

  /** Begins to make images of these pictures, for an order. Throws as `take` does. */
  wrap(id: string, pictures: readonly string[], order: string): void {
    const { known, look } = this.#ready(id)
    const subject = this.#subject(order)
    const chosen = look.pictures.filter((_, index) => pictures.includes(pictureId(index)))
    if (chosen.length === 0) throw mediaTrouble('media-nothing-chosen')
    const series = this.#newUid()
    const files = chosen.map(({ name, format }: FoundPicture, index) => {
      const purpose = purposeOf(format, 'screen')
      const details = this.#details(purpose, series, index + 1)
      const order: WrapOrder = { format, subject, details, device: pictureDevice, source: 'device' }
      return { name, order }
    })
    this.#run(known, { kind: 'wrap', place: placeOf(look), files })
  }

  /** What is under way on a medium ends after the file that is being taken. */
  end(id: string): void {
    this.#known.get(id)?.job?.stop()
  }

  /**
   * Makes an image of a file that a person brought, for an order. Resolves after the commit;
   * rejects with a `Trouble`. The file stays whose it was.
   */
  async keep(path: string, format: PictureFormat, order: string): Promise<void> {
    const subject = this.#subject(order)
    const details = this.#details(purposeOf(format, 'photo'), this.#newUid(), 1)
    const wrapping: WrapOrder = {
      format,
      subject,
      details,
      device: pictureDevice,
      source: 'photo',
    }
    const place: Place = { root: dirname(path), dev: null }
    const files = [{ name: basename(path), order: wrapping }]
    const { result } = this.#thread.run({ kind: 'wrap', place, files }, () => {})
    const ran = await result
    if (ran?.kind !== 'ran') throw mediaTrouble('media-failed')
    const { stored, already } = ran.report
    if (stored + already === 1) return
    throw endingTrouble(ran.report) ?? refusalsOf(ran.report)[0]?.trouble ?? failed()
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    await this.#thread.stop()
  }

  async #store(image: ReceivedImage): Promise<StoreOutcome> {
    const { sha256 } = image.image.object
    this.#onTheWay.add(sha256)
    const outcome = await this.#parts.storing.store(image)
    this.#onTheWay.delete(sha256)
    return outcome
  }

  #add(medium: Medium): void {
    const known: Known = {
      medium,
      state: 'looking',
      look: null,
      studies: [],
      progress: null,
      report: null,
      trouble: null,
      job: null,
      isGhost: false,
    }
    this.#known.set(medium.id, known)
    void this.#look(known)
  }

  async #look(known: Known): Promise<void> {
    const { folder } = known.medium
    known.job = this.#thread.run({ kind: 'look', folder }, this.#progressOf(known))
    const looked = await known.job.result
    known.job = null
    known.progress = null
    known.state = 'ready'
    if (looked?.kind === 'looked') {
      known.look = looked.look
      known.studies = studiesOf(looked.look.instances)
      this.#parts.log.info('a medium was looked at', { count: looked.look.instances.length })
    } else {
      known.trouble = mediaTrouble('media-cannot-read')
    }
    this.#parts.changed()
  }

  #run(known: Known, job: NewJob): void {
    known.state = 'working'
    known.report = null
    known.trouble = null
    known.job = this.#thread.run(job, this.#progressOf(known))
    this.#parts.changed()
    void this.#finish(known, known.job)
  }

  async #finish(known: Known, job: RunningJob): Promise<void> {
    this.#waiting = 0
    const ran = await job.result
    known.job = null
    known.progress = null
    known.state = 'done'
    if (ran?.kind === 'ran') {
      known.report = { ...reportOf(ran.report, known.look), waiting: this.#waiting }
      known.trouble = known.isGhost ? pulledOut() : endingTrouble(ran.report)
      const { stored, already, ending } = ran.report
      this.#parts.log.info('a medium was read', { count: stored, code: ending })
      if (already > 0) this.#parts.log.info('images were here already', { count: already })
    } else {
      known.trouble = known.isGhost ? pulledOut() : failed()
    }
    this.#parts.changed()
  }

  #progressOf(known: Known) {
    return (done: number, total: number): void => {
      known.progress = { done, total }
      const nowMs = this.#parts.clock.monotonicMs()
      if (nowMs - this.#toldMs < tellEveryMs) return
      this.#toldMs = nowMs
      this.#parts.changed()
    }
  }

  #ready(id: string): { readonly known: Known; readonly look: Look } {
    const known = this.#known.get(id)
    if (known === undefined || known.isGhost) throw mediaTrouble('media-unknown')
    if (known.job !== null) throw mediaTrouble('media-busy')
    if (known.look === null) throw mediaTrouble('media-cannot-read')
    return { known, look: known.look }
  }

  #subject(order: string): WrapSubject {
    const subject = this.#parts.subjectOf(order)
    if (subject === null) throw mediaTrouble('media-no-order')
    return subject
  }

  #details(purpose: WrapPurpose, seriesInstanceUid: string, instanceNumber: number): WrapDetails {
    const { van, software, zoneMinutes } = this.#parts
    const wrappedAt = this.#localTime()
    return {
      purpose,
      sopInstanceUid: this.#newUid(),
      seriesInstanceUid,
      seriesNumber: 1,
      instanceNumber,
      description: '',
      takenAt: null,
      wrappedAt,
      timezone: wrappedAt === null ? null : zoneText(zoneMinutes),
      station: van,
      software,
    }
  }

  #localTime(): WrapTime | null {
    const { clock, time, zoneMinutes } = this.#parts
    const utc = time.utcOf(clock.monotonicMs())
    if (utc === null) return null
    const text = new Date(utc.utcMs + zoneMinutes * 60_000).toISOString()
    return {
      date: text.slice(0, 10).replaceAll('-', ''),
      time: text.slice(11, 19).replaceAll(':', ''),
    }
  }

  #newUid(): string {
    return newUid(this.#parts.random.bytes(16))
  }
}

function pulledOut(): Trouble {
  return mediaTrouble('media-pulled-out')
}

function failed(): Trouble {
  return mediaTrouble('media-failed')
}

/** Names a picture among those of its medium. */
export function pictureId(index: number): string {
  return `picture-${index}`
}

function purposeOf(format: PictureFormat, usually: WrapPurpose): WrapPurpose {
  if (format === 'pdf') return 'scan'
  return format === 'jpeg' || format === 'mp4' ? usually : 'screen'
}

function placeOf({ root, dev }: Look): Place {
  return { root, dev }
}

function studyOf({ study }: FoundInstance): string {
  return study === '' ? noStudy : study
}

function studiesOf(instances: readonly FoundInstance[]): readonly FoundStudy[] {
  const studies = new Map<string, FoundStudy>()
  for (const one of instances) {
    const study = studyOf(one)
    const before = studies.get(study)
    studies.set(study, {
      study,
      modality: before?.modality ?? one.modality,
      patientName: before?.patientName ?? one.patientName,
      date: before?.date ?? one.studyDate,
      images: (before?.images ?? 0) + 1,
      sizeBytes: (before?.sizeBytes ?? 0) + one.sizeBytes,
    })
  }
  return [...studies.values()]
}

function reportOf(report: RunReport, look: Look | null): Omit<MediumReport, 'waiting'> {
  const { stored, already, conflicts } = report
  return { stored, already, conflicts, refused: refusalsOf(report, look) }
}

/** As DICOM writes it, for example `+0700`. */
function zoneText(minutes: number): string {
  const size = Math.abs(minutes)
  const two = (part: number) => String(part).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`
}

/**
 * The DICOM node: all associations together, what they share and who is let in. It is given wires
 * and listens on nothing itself.
 */
import { join } from 'node:path'
import type { Refusal } from '../../protocols/dicom/acceptor.ts'
import { commitmentService } from '../../protocols/dicom/commitment-service.ts'
import { rejections } from '../../protocols/dicom/pdu.ts'
import { procedureService } from '../../protocols/dicom/procedure-service.ts'
import type { AssociationFacts, Ending, HostAnswer, Note } from '../../protocols/dicom/service.ts'
import { storageService } from '../../protocols/dicom/storage-service.ts'
import { verificationService } from '../../protocols/dicom/verification-service.ts'
import { worklistService } from '../../protocols/dicom/worklist-service.ts'
import type { WorklistEntry } from '../../protocols/dicom/worklist.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import { AssociationRunner } from './association-runner.ts'
import type { Files } from './files.ts'
import { Notices } from './notices.ts'
import { temporaryPrefix, type NodeOptions } from './options.ts'
import type { ReportOrder, ReportOutcome, ReportWay } from './report-order.ts'
import { reportOnAssociation } from './reporting.ts'
import { Room } from './room.ts'
import type { RunnerDoors, RunnerOptions, Wire } from './runner-doors.ts'
import { Senders, type KnownSender } from './senders.ts'
import { Slabs } from './slabs.ts'
import type {
  Asked,
  AssociationEvent,
  Caller,
  ImagingNotice,
  ReceivedImage,
  StoreOutcome,
} from './received-image.ts'

/** Once more than this waits for the disk in all associations together, each gets less. */
const waitingBytesMax = 8_388_608
const waitingBytesEach = 1_048_576
const waitingBytesLeast = 131_072
/** An association that was quiet for so long may make room for a new one of the same device. */
const displaceableQuietMs = 60_000
/** How long a stopping node lets associations finish what they have begun. */
const graceMs = 5_000

export interface NodeHears {
  /** An instance has begun to come; it may never be whole. */
  expect(sopInstanceUid: string): void
  store(image: ReceivedImage): Promise<StoreOutcome>
  /** A service asks, for one of the devices. */
  ask(asked: Asked): Promise<HostAnswer>
  trouble(notice: ImagingNotice): void
  association(event: AssociationEvent): void
}

export interface NodeDoors {
  readonly clock: Pick<Clock, 'monotonicMs' | 'after'>
  readonly files: Files
  /** Does it when what has come on all wires by now has been heard. */
  soon(work: () => void): void
  /** Unique within the incoming folder and for ever, without an ending. */
  newName(): string
  /** From the UUID arc, unique for ever. */
  newUid(): string
  /** Brings a report on an association of our own. Never rejects. */
  call(order: ReportOrder, to: Extract<ReportWay, { kind: 'call' }>): Promise<ReportOutcome>
}

export class ImagingNode {
  readonly #options: NodeOptions
  readonly #doors: NodeDoors
  readonly #hears: NodeHears
  readonly #runnerOptions: RunnerOptions
  readonly #runnerDoors: RunnerDoors<AssociationRunner>
  readonly #notices: Notices
  /** In the order in which they came. */
  readonly #runners = new Set<AssociationRunner>()
  /** By which the main thread names one that is still there, or not any more. */
  readonly #numbers = new WeakMap<AssociationRunner, number>()
  #connections = 0
  readonly #room: Room
  readonly #senders: Senders
  /** null: nobody has said any. */
  #worklist: readonly WorklistEntry[] | null = null
  #intakeClosed = false
  #stopping = false
  #stopped: (() => void) | null = null

  constructor(options: NodeOptions, doors: NodeDoors, hears: NodeHears) {
    this.#options = options
    this.#doors = doors
    this.#hears = hears
    this.#notices = new Notices(doors.clock, (notice) => hears.trouble(notice))
    const { senders, timersMs, incomingFolder, reserveBytes, chunkBytes } = options
    const { acceptPrivate, preference, objectBytesMax } = options
    this.#senders = new Senders(senders)
    this.#room = new Room(doors.files, incomingFolder, reserveBytes)
    this.#runnerOptions = {
      services: [
        verificationService,
        storageService({ acceptPrivate, preference }),
        procedureService({ newUid: () => doors.newUid() }),
        commitmentService,
        worklistService({
          entries: () => this.#worklist,
          characterSet: (callingAeTitle) => this.#senders.characterSet(callingAeTitle),
        }),
      ],
      senders: this.#senders,
      timersMs,
      objectBytesMax,
      chunkBytes,
    }
    this.#runnerDoors = {
      clock: doors.clock,
      files: doors.files,
      room: this.#room,
      slabs: new Slabs(),
      temporaryPath: () => join(incomingFolder, `${temporaryPrefix}${doors.newName()}.part`),
      admit: (runner, association) => this.#admit(runner, association),
      waitingLimitBytes: () => this.#waitingLimitBytes(),
      expect: (sopInstanceUid) => hears.expect(sopInstanceUid),
      store: (image) => hears.store(image),
      ask: (runner, question) => {
        const association = this.#numbers.get(runner) ?? 0
        return hears.ask({ question, association, ...whoOf(runner) })
      },
      soon: (work) => doors.soon(work),
      note: (runner, note) => this.#note(runner, note),
      opened: (runner) => this.#opened(runner),
      over: (runner, ending) => this.#over(runner, ending),
      closed: (runner) => this.#closed(runner),
    }
  }

  /** Takes a connection. null when there are too many: then it is to be destroyed. */
  connect(wire: Wire): AssociationRunner | null {
    if (this.#stopping || !this.#makeRoom(wire.peerAddress)) return null
    this.#room.look()
    const runner = new AssociationRunner(wire, this.#runnerOptions, this.#runnerDoors)
    this.#runners.add(runner)
    this.#numbers.set(runner, ++this.#connections)
    runner.start()
    return runner
  }

  /** Closed: associations are refused until further notice, because the journal takes nothing. */
  intake(open: boolean): void {
    this.#intakeClosed = !open
  }

  /** Who has a name. Associations that stand keep the device that they began with. */
  know(senders: readonly KnownSender[]): void {
    this.#senders.know(senders)
  }

  /** What is answered to who asks for the worklist, from now on. */
  worklist(entries: readonly WorklistEntry[]): void {
    this.#worklist = entries
  }

  /** Brings a report of commitment to its device, once. Never rejects. */
  report(order: ReportOrder): Promise<ReportOutcome> {
    const { way } = order
    if (way.kind === 'call') return this.#doors.call(order, way)
    const runners = [...this.#runners].filter(
      (runner) => way.association === null || this.#numbers.get(runner) === way.association,
    )
    return reportOnAssociation(order, runners, this.#doors.clock)
  }

  /** Resolves when the last association is gone, which takes at most the grace time. */
  async stop(): Promise<void> {
    this.#stopping = true
    for (const runner of this.#runners) runner.stop()
    const cancel = this.#doors.clock.after('dicom stop', graceMs, () => {
      for (const runner of this.#runners) runner.destroy()
    })
    if (this.#runners.size > 0) await new Promise<void>((resolve) => (this.#stopped = resolve))
    cancel()
    this.#notices.end()
  }

  notice(notice: ImagingNotice, key: string): void {
    this.#notices.add(notice, key)
  }

  /**
   * Connections that have asked for nothing yet make room for new ones, oldest first: a network
   * scanner, or a cart that opens sockets and forgets them, cannot shut out the others.
   */
  #makeRoom(peerAddress: string): boolean {
    if (this.#runners.size < this.#options.connectionsMax) return true
    const oldest = [...this.#runners].find((runner) => runner.association === null)
    this.#notices.add(
      { code: 'imaging-too-many-connections', details: { peer: peerAddress } },
      peerAddress,
    )
    if (oldest === undefined) return false
    // At once, since its end is heard only later and the next connection may be here before.
    this.#runners.delete(oldest)
    oldest.destroy()
    return true
  }

  #admit(runner: AssociationRunner, association: AssociationFacts): Refusal | null {
    return this.#titleRefusal(runner, association) ?? this.#roomRefusal(runner, association)
  }

  #titleRefusal(
    { sender }: AssociationRunner,
    { calledAeTitle }: AssociationFacts,
  ): Refusal | null {
    const { strictTitle } = this.#options
    if (strictTitle === null) return null
    if (calledAeTitle !== strictTitle) {
      const details = { called: calledAeTitle || nameless, ours: strictTitle }
      return {
        rejection: rejections.calledTitle,
        note: { code: 'called-title-refused', details },
      }
    }
    if (sender?.known === true && sender.nearly === null) return null
    return {
      rejection: rejections.callingTitle,
      note: { code: 'calling-title-refused', details: {} },
    }
  }

  #roomRefusal(runner: AssociationRunner, association: AssociationFacts): Refusal | null {
    if (this.#room.full || this.#intakeClosed) {
      const note: Note = { code: 'disk-full', details: {} }
      return { rejection: rejections.localLimit, note }
    }
    const established = [...this.#runners].filter((one) => one.established)
    const ofPeer = established.filter((one) => one.peerAddress === runner.peerAddress)
    const { associationsMax, associationsPerPeerMax } = this.#options
    const count = established.length
    if (ofPeer.length < associationsPerPeerMax && count < associationsMax) return null
    // A device that lost its power forgets its associations, and TCP takes minutes to find out.
    const forgotten = ofPeer
      .filter((one) => one.association?.callingAeTitle === association.callingAeTitle)
      .filter((one) => !one.busy && one.quietMs >= displaceableQuietMs)
      .toSorted((a, b) => b.quietMs - a.quietMs)[0]
    if (forgotten !== undefined) {
      forgotten.stop()
      return null
    }
    return {
      rejection: rejections.localLimit,
      note: { code: 'too-many-associations', details: { count } },
    }
  }

  #waitingLimitBytes(): number {
    const share = waitingBytesMax / Math.max(this.#runners.size, 1)
    return Math.max(waitingBytesLeast, Math.min(waitingBytesEach, share))
  }

  #note(runner: AssociationRunner, note: Note): void {
    const sender = runner.association?.callingAeTitle || nameless
    const device = runner.sender?.device ?? ''
    const details = { ...note.details, peer: runner.peerAddress, sender, device }
    this.#notices.add({ code: `imaging-${note.code}`, details }, `${runner.peerAddress} ${sender}`)
  }

  #opened(runner: AssociationRunner): void {
    const { sender, association, peerAddress } = runner
    const title = association?.callingAeTitle ?? ''
    if (sender?.known === false) {
      const details = { sender: title, peer: peerAddress, device: sender.device }
      this.#notices.add({ code: 'imaging-unknown-sender', details }, title)
    } else if (sender !== null && sender.nearly !== null) {
      const { device, nearly } = sender
      const details = { sender: title, peer: peerAddress, device, configured: nearly }
      this.#notices.add({ code: 'imaging-sender-nearly', details }, title)
    }
    this.#tell(runner, 'opened', null)
  }

  #over(runner: AssociationRunner, ending: Ending): void {
    this.#tell(runner, 'closed', ending)
  }

  #tell(runner: AssociationRunner, kind: AssociationEvent['kind'], ending: Ending | null): void {
    const { stored, storedBytes, refused } = runner.counts
    this.#hears.association({
      kind,
      ...whoOf(runner),
      storedCount: stored,
      storedBytes,
      refusedCount: refused,
      ending,
    })
  }

  #closed(runner: AssociationRunner): void {
    this.#runners.delete(runner)
    if (this.#runners.size === 0) this.#stopped?.()
  }
}

function whoOf({ sender, association, peerAddress }: AssociationRunner): Caller {
  return {
    device: sender?.device ?? '',
    known: sender?.known === true,
    simulated: sender?.simulated === true,
    peerAddress,
    callingAeTitle: association?.callingAeTitle ?? '',
    calledAeTitle: association?.calledAeTitle ?? '',
  }
}

/** In sentences, for who never said its title. */
const nameless = '?'

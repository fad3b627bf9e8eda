/**
 * C-STORE: takes an instance and keeps it as it was sent.
 * Source: PS3.4 annex B, PS3.7 section 9.1.1.
 *
 * The data set is handed on piece by piece and only glanced at. An unreadable head is a flag, not a
 * refusal: after a refusal the device may keep the only copy, or throw it away.
 */
import { commandFields, statuses } from './command-set.ts'
import { HeaderReader, type HeaderFindings } from './header-reader.ts'
import { chooseForStorage, type Preference } from './negotiate.ts'
import { encodeFileHead } from './part10.ts'
import {
  refusing,
  type Exchange,
  type Handler,
  type HostAnswer,
  type ObjectFlag,
  type Request,
  type Service,
} from './service.ts'
import { isUid, storageKind } from './uids.ts'

export interface StorageOptions {
  /** Takes makers' private classes too. A device that has only those would else lose its images. */
  readonly acceptPrivate: boolean
  readonly preference: Preference
}

export function storageService(options: StorageOptions): Service {
  return {
    name: 'storage',
    serves: (abstractSyntax) => {
      const kind = storageKind(abstractSyntax)
      return kind === 'standard' || (kind === 'private' && options.acceptPrivate)
    },
    choose: (proposed) => chooseForStorage(proposed, options.preference),
    begin: beginStore,
  }
}

function beginStore(request: Request, exchange: Exchange): Handler | null {
  const { command, context } = request
  if (command.field !== commandFields.store) return null
  const { sopInstanceUid } = command
  // The context says the class when the command does not.
  const sopClassUid = command.sopClassUid ?? context.abstractSyntax
  if (sopInstanceUid === null || !isUid(sopInstanceUid) || !isUid(sopClassUid)) {
    exchange.act({ kind: 'note', note: { code: 'uid-invalid', details: {} } })
    const comment = 'The SOP class or instance UID is not a UID'
    return refusing(exchange, { status: statuses.invalidInstance, comment })
  }
  if (!command.hasDataSet) {
    const comment = 'C-STORE without a data set'
    const words = { sopClassUid, sopInstanceUid, status: statuses.cannotUnderstand, comment }
    return refusing(exchange, words)
  }
  return new StoreHandler(request, exchange, { sopClassUid, sopInstanceUid })
}

interface Names {
  readonly sopClassUid: string
  readonly sopInstanceUid: string
}

class StoreHandler implements Handler {
  readonly #task: number
  readonly #exchange: Exchange
  readonly #names: Names
  readonly #negotiatedClass: string
  readonly #header: HeaderReader
  #complete = false
  #failed: Extract<HostAnswer, { kind: 'failed' }> | null = null
  #mismatch = false

  constructor(request: Request, exchange: Exchange, names: Names) {
    const transferSyntaxUid = request.context.transferSyntax
    this.#task = request.task
    this.#exchange = exchange
    this.#names = names
    this.#negotiatedClass = request.context.abstractSyntax
    this.#header = new HeaderReader(transferSyntaxUid)
    const head = encodeFileHead({ ...names, transferSyntaxUid })
    const object = { head, ...names, transferSyntaxUid }
    exchange.act({ kind: 'open', task: this.#task, object })
  }

  data(bytes: Uint8Array): void {
    if (this.#failed !== null) return
    if (!this.#header.done) this.#header.push(bytes)
    this.#exchange.act({ kind: 'append', task: this.#task, bytes })
  }

  end(): void {
    this.#complete = true
    if (this.#failed !== null) return this.#refuse(this.#failed)
    this.#header.end()
    const found = this.#header.findings()
    const flags = this.#flags(found)
    this.#mismatch = flags.includes('uid-mismatch')
    if (this.#mismatch) {
      this.#exchange.act({ kind: 'note', note: { code: 'uid-mismatch', details: {} } })
    }
    const { studyInstanceUid, seriesInstanceUid, modality, identity } = found
    const findings = { studyInstanceUid, seriesInstanceUid, modality, identity, flags }
    this.#exchange.act({ kind: 'finish', task: this.#task, findings })
  }

  answered(answer: HostAnswer): void {
    if (answer.kind === 'failed') {
      this.#failed = answer
      // A failure in the middle is said when the data set is over. Until then its bytes pass.
      if (this.#complete) this.#refuse(answer)
      return
    }
    // Whatever the host thinks, nothing is confirmed before its last byte has come.
    if (!this.#complete) return
    if (this.#mismatch) {
      const comment = 'Kept apart: UID of command and data set differ'
      this.#exchange.respond({ ...this.#names, status: statuses.classMismatch, comment })
    } else {
      this.#exchange.respond({ ...this.#names, status: statuses.success })
    }
  }

  abandoned(): void {
    // What is complete is the host's already: it is stored although nobody waits for the answer.
    if (this.#complete || this.#failed !== null) return
    this.#exchange.act({ kind: 'discard', task: this.#task })
  }

  #refuse(failure: { readonly status: number; readonly comment: string }): void {
    const { status, comment } = failure
    this.#exchange.respond({ ...this.#names, status, comment })
  }

  #flags(found: HeaderFindings): readonly ObjectFlag[] {
    const { sopClassUid, sopInstanceUid } = this.#names
    const flags: ObjectFlag[] = []
    if (found.unreadable !== null || found.sopInstanceUid === null) flags.push('header-unreadable')
    else if (found.studyInstanceUid === null) flags.push('no-study')
    const otherInstance = found.sopInstanceUid !== null && found.sopInstanceUid !== sopInstanceUid
    const otherClass = found.sopClassUid !== null && found.sopClassUid !== sopClassUid
    if (otherInstance || otherClass) flags.push('uid-mismatch')
    if (sopClassUid !== this.#negotiatedClass) flags.push('class-not-negotiated')
    if (found.mislabelled) flags.push('transfer-syntax-mislabelled')
    if (found.metaInside) flags.push('meta-in-data-set')
    return flags
  }
}

/**
 * A modality made of dcmjs-dimse: asks for commitment, tells of its steps, and takes reports on the
 * association of its question or where it listens.
 */
import dimse from 'dcmjs-dimse'
import { answers, freePort } from './dcmtk.ts'

const { Client, Dataset, Scp, Server, association, constants, requests, responses } = dimse

type Request = Parameters<InstanceType<typeof Client>['addRequest']>[0]
type Association = InstanceType<typeof association.Association>
type EventReport = InstanceType<typeof requests.NEventReportRequest>
type EventAnswer = InstanceType<typeof responses.NEventReportResponse>

const commitmentUid = '1.2.840.10008.1.20.1'
const stepUid = '1.2.840.10008.3.1.2.3.3'

dimse.log.setLevel('error')

export interface Told {
  readonly eventType: number
  readonly transactionUid: string
  readonly kept: readonly string[]
  /** By instance, why not. */
  readonly failed: Readonly<{ [uid: string]: number }>
  /** Titles of the association: who called whom; null on our own. */
  readonly titles: string | null
}

export interface Answered {
  readonly status: number
  /** The instance that the answer names. */
  readonly instance: string
  readonly elements: Readonly<{ [name: string]: unknown }>
}

export class DimseDevice {
  readonly title: string
  /** Reports, in the order in which they came. */
  readonly told: Told[] = []
  /** What reports are answered with. */
  status: number = constants.Status.Success
  port = 0
  #server: InstanceType<typeof Server> | null = null

  constructor(title: string) {
    this.title = title
  }

  /** Resolves when it listens for reports. */
  async listen(port?: number): Promise<number> {
    this.port = port ?? (await freePort())
    const take = (request: EventReport, titles: string): EventAnswer => this.#take(request, titles)
    class Reports extends Scp {
      #titles = ''

      override associationRequested(asked: Association): void {
        this.#titles = `${asked.getCallingAeTitle()} ${asked.getCalledAeTitle()}`
        for (const { id } of asked.getPresentationContexts()) {
          const context = asked.getPresentationContext(id)
          const [first] = context.getTransferSyntaxUids()
          if (first === undefined) continue
          context.setResult(constants.PresentationContextResult.Accept, first)
        }
        this.sendAssociationAccept()
      }

      override nEventReportRequest(
        request: EventReport,
        answer: (response: EventAnswer) => void,
      ): void {
        answer(take(request, this.#titles))
      }

      override associationReleaseRequested(): void {
        this.sendAssociationReleaseResponse()
      }
    }
    const server = new Server(Reports)
    // A probe that closes at once is no error of the test.
    server.on('networkError', () => {})
    server.listen(this.port)
    this.#server = server
    for (let turn = 0; turn < 200 && !(await answers(this.port)); turn++) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return this.port
  }

  close(): void {
    this.#server?.close()
    this.#server = null
  }

  /** Answers the status. `lingerMs`: the association is held open for a report. */
  async commit(
    port: number,
    transactionUid: string,
    images: readonly { readonly sopClassUid: string; readonly sopInstanceUid: string }[],
    lingerMs = 0,
  ): Promise<number> {
    const request = new requests.NActionRequest(commitmentUid, `${commitmentUid}.1`, 1)
    request.setDataset(
      new Dataset({
        TransactionUID: transactionUid,
        ReferencedSOPSequence: images.map(({ sopClassUid, sopInstanceUid }) => ({
          ReferencedSOPClassUID: sopClassUid,
          ReferencedSOPInstanceUID: sopInstanceUid,
        })),
      }),
    )
    return (await this.#ask(port, request, lingerMs)).status
  }

  begin(port: number, uid: string, elements: Record<string, unknown>): Promise<Answered> {
    const request = new requests.NCreateRequest(stepUid, uid)
    request.setDataset(new Dataset(elements))
    return this.#ask(port, request)
  }

  set(port: number, uid: string, elements: Record<string, unknown>): Promise<Answered> {
    const request = new requests.NSetRequest(stepUid, uid)
    request.setDataset(new Dataset(elements))
    return this.#ask(port, request)
  }

  get(port: number, uid: string): Promise<Answered> {
    return this.#ask(port, new requests.NGetRequest(stepUid, uid, []))
  }

  /** Resolves with the answer when the association is over. */
  #ask(port: number, request: Request, lingerMs = 0): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const client = new Client()
      let answered: Answered | null = null
      request.on('response', (response) => {
        answered = {
          status: response.getStatus(),
          instance: response.getAffectedSopInstanceUid() ?? '',
          elements: response.getDataset()?.getElements() ?? {},
        }
      })
      client.addRequest(request)
      client.on(
        'nEventReportRequest',
        (report: EventReport, answer: (one: EventAnswer) => void) => {
          answer(this.#take(report, null))
        },
      )
      client.on('networkError', reject)
      client.on('closed', () => {
        if (answered === null) reject(new Error('expected an answer, found none'))
        else resolve(answered)
      })
      const options = { associationLingerTimeout: lingerMs }
      client.send('127.0.0.1', port, this.title, 'VAN_STORE', options)
    })
  }

  #take(request: EventReport, titles: string | null): EventAnswer {
    const elements = request.getDataset()?.getElements() ?? {}
    const failed = itemsOf(elements['FailedSOPSequence'])
    this.told.push({
      eventType: request.getEventTypeId(),
      transactionUid: String(elements['TransactionUID']),
      kept: itemsOf(elements['ReferencedSOPSequence']).map(instanceOf),
      failed: Object.fromEntries(
        failed.map((item) => [instanceOf(item), Number(item['FailureReason'])]),
      ),
      titles,
    })
    const response = responses.NEventReportResponse.fromRequest(request)
    response.setStatus(this.status)
    return response
  }
}

type Item = Readonly<{ [name: string]: unknown }>

/** A sequence of one item is given as that item. */
function itemsOf(value: unknown): readonly Item[] {
  if (value === undefined) return []
  return Array.isArray(value) ? (value as readonly Item[]) : [value as Item]
}

function instanceOf(item: Item): string {
  return String(item['ReferencedSOPInstanceUID'])
}

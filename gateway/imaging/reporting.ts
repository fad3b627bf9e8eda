/** Which way a report of commitment goes to its device. */
import { statuses, type CommandSet } from '../../protocols/dicom/command-set.ts'
import { reportRequest } from '../../protocols/dicom/commitment-service.ts'
import { commitmentUid } from '../../protocols/dicom/commitment.ts'
import type { Clock } from '../../protocols/world/clock.ts'
import type { AssociationRunner } from './association-runner.ts'
import type { ReportOrder, ReportOutcome } from './report-order.ts'

/** A device that does not answer on its own association is called, or tried on its next one. */
const responseMs = 30_000

/** Tries associations of the device, the newest first. Never rejects. */
export async function reportOnAssociation(
  { report, calledAeTitle }: Pick<ReportOrder, 'report' | 'calledAeTitle'>,
  runners: readonly AssociationRunner[],
  clock: Pick<Clock, 'after'>,
): Promise<ReportOutcome> {
  for (const runner of runners.toReversed()) {
    if (!runner.established || runner.association?.callingAeTitle !== calledAeTitle) continue
    const response = runner.request({ abstractSyntax: commitmentUid, ...reportRequest(report) })
    if (response !== null) return outcomeOf(await withinTime(response, clock))
  }
  return { kind: 'no-association' }
}

function withinTime(
  response: Promise<CommandSet | null>,
  clock: Pick<Clock, 'after'>,
): Promise<CommandSet | 'silent' | null> {
  return new Promise((resolve) => {
    const cancel = clock.after('dicom report', responseMs, () => resolve('silent'))
    void response.then((command) => {
      cancel()
      resolve(command)
    })
  })
}

function outcomeOf(response: CommandSet | 'silent' | null): ReportOutcome {
  if (response === null) return { kind: 'failed', why: 'cut' }
  if (response === 'silent') return { kind: 'failed', why: 'silent' }
  if (response.status === statuses.success) return { kind: 'delivered' }
  return { kind: 'refused', status: response.status ?? statuses.processingFailure }
}

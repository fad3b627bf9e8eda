/**
 * dcmjs-dimse as its documentation shows it: a server that takes every storage class, and writes
 * each data set to a file before it answers. It waits for no disk.
 *
 *     node bench/dicom-dimse-peer.ts PORT FOLDER
 */
import { join } from 'node:path'
import dimse from 'dcmjs-dimse'

const { Scp, Server, association, constants, requests, responses } = dimse
const [port = '', folder = ''] = process.argv.slice(2)

type Association = InstanceType<typeof association.Association>
type CStoreRequest = InstanceType<typeof requests.CStoreRequest>
type CStoreResponse = InstanceType<typeof responses.CStoreResponse>

class StoringScp extends Scp {
  override associationRequested(asked: Association): void {
    for (const { id } of asked.getPresentationContexts()) {
      const context = asked.getPresentationContext(id)
      const [first] = context.getTransferSyntaxUids()
      if (first === undefined) continue
      context.setResult(constants.PresentationContextResult.Accept, first)
    }
    this.sendAssociationAccept()
  }

  override cStoreRequest(request: CStoreRequest, answer: (response: CStoreResponse) => void): void {
    const response = responses.CStoreResponse.fromRequest(request)
    const dataSet = request.getDataset()
    const name = request.getAffectedSopInstanceUid()
    if (dataSet === undefined) {
      response.setStatus(constants.Status.ProcessingFailure)
      return answer(response)
    }
    dataSet.toFile(join(folder, name), (error?: Error) => {
      const { Success, ProcessingFailure } = constants.Status
      response.setStatus(error === undefined || error === null ? Success : ProcessingFailure)
      answer(response)
    })
  }

  override associationReleaseRequested(): void {
    this.sendAssociationReleaseResponse()
  }
}

dimse.log.setLevel('error')
new Server(StoringScp).listen(Number(port))

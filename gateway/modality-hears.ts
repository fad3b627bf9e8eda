/** Who in the gateway answers what modalities ask of the DICOM node. */
import type { CommitmentQuestion } from '../protocols/dicom/commitment-service.ts'
import type { StepQuestion } from '../protocols/dicom/procedure-service.ts'
import type { Commitments } from './commitment/commitments.ts'
import type { ImageDesk } from './images.ts'
import type { ImagingHears } from './imaging/imaging.ts'
import type { Asked } from './imaging/received-image.ts'
import type { ProcedureDesk } from './procedures.ts'

export interface ModalityDesks {
  readonly images: Pick<ImageDesk, 'known' | 'store' | 'trouble' | 'association'>
  readonly commitments: Pick<Commitments, 'asked' | 'opened'>
  readonly procedures: Pick<ProcedureDesk, 'asked'>
}

export function modalityHears({ images, commitments, procedures }: ModalityDesks): ImagingHears {
  return {
    known: (sopInstanceUid) => images.known(sopInstanceUid),
    store: (image) => images.store(image),
    trouble: (trouble) => images.trouble(trouble),
    association(event) {
      images.association(event)
      if (event.kind === 'opened') commitments.opened(event.callingAeTitle)
    },
    asked(asked) {
      const question = questionOf(asked)
      return question.kind === 'commitment'
        ? commitments.asked(asked, question)
        : procedures.asked(asked, question)
    },
  }
}

/** These are what the services of the node ask. */
function questionOf({ question }: Asked): CommitmentQuestion | StepQuestion {
  return question as CommitmentQuestion | StepQuestion
}

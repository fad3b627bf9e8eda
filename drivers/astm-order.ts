/** What an ASTM order says of all its results: whose they are, and whether they are of anybody. */
import type { AstmOrder, AstmTransmission } from '../protocols/astm/transmission.ts'
import type { Words } from '../protocols/packet/record.ts'
import type { AstmInstrument } from './astm-instruments.ts'
import { textWord } from './laboratory.ts'

/** Quality control is said in the header, in the order, or by the name of the specimen. */
export function isOfControl({ processing }: AstmTransmission, order: AstmOrder): boolean {
  const named = [order.specimenType, order.specimen[0] ?? '', order.instrumentSpecimen[2] ?? '']
  return (
    processing === 'Q' ||
    order.action.startsWith('Q') ||
    named.some((name) => /^(QC|CTRL|CONTROL)/i.test(name))
  )
}

/** H-12: T training, D debugging. */
export function isTraining({ processing }: AstmTransmission): boolean {
  return processing === 'T' || processing === 'D'
}

export function orderWords(transmission: AstmTransmission, order: AstmOrder): Words {
  return {
    ...textWord('messageId', transmission.messageId),
    ...textWord('control', isOfControl(transmission, order) ? 'yes' : ''),
  }
}

export function identifiersOf(
  order: AstmOrder,
  instrument: AstmInstrument,
  isControl: boolean,
): Words {
  const [patientId = ''] = order.patientIds
  return {
    ...textWord('specimenId', instrument.specimenId(order)),
    ...(isControl ? {} : textWord('patientId', patientId)),
  }
}

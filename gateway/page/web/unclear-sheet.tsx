/** What to look at again before a patient is stored, and who it may be already. */
import type { JSX } from 'preact'
import type { FoundPatient, PatientUnclear } from '../visits-view.ts'
import { Button, useSay } from './parts.tsx'
import { PatientLine } from './patient-line.tsx'
import { Sheet } from './sheet.tsx'

export type Asks = Extract<PatientUnclear, { kind: 'asks' }>

export function UnclearSheet(props: {
  asks: Asks
  onBack: () => void
  /** It is right as it was typed. */
  onRight: () => void
  /** It is this known patient; null where there is nothing to choose. */
  onKnown: ((patient: FoundPatient) => void) | null
}): JSX.Element {
  const { say, language } = useSay()
  const { asks, onKnown } = props
  const isAlike = asks.alike.length > 0
  return (
    <Sheet
      title={say('patient-look-again')}
      yes={say(isAlike ? 'patient-is-new' : 'patient-all-right')}
      yesIcon={isAlike ? 'plus' : 'check'}
      yesKind={isAlike ? 'plain' : 'main'}
      onBack={props.onBack}
      onYes={props.onRight}
    >
      {asks.fields.map(({ why }) => (
        <p class="sheet-why" key={why.en}>
          {why[language]}
        </p>
      ))}
      {onKnown !== null &&
        asks.alike.map((patient) => (
          <div class="alike" key={patient.patient}>
            <PatientLine patient={patient} />
            <Button icon="person" onClick={() => onKnown(patient)}>
              {say('patient-is-this')}
            </Button>
          </div>
        ))}
    </Sheet>
  )
}

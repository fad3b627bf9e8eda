/** A picture or a file of this phone, kept for an order. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { describedIn } from '../examinations.ts'
import type { OrderView, PatientView } from '../visits-view.ts'
import { formatBytes } from './format.ts'
import { Icon } from './icons.tsx'
import { Notice, TroubleNotice, useSay } from './parts.tsx'
import { PatientLine } from './patient-line.tsx'
import { Progress } from './progress.tsx'
import { Sheet } from './sheet.tsx'
import { useKnown } from './store.ts'
import { useUpload } from './use-upload.ts'

/** As the gateway has it. */
const sizeLimitBytes = 200 * 1_024 * 1_024

export function UploadBox(props: { patient: PatientView; order: OrderView }): JSX.Element {
  const { say, language } = useSay()
  const { patient, order } = props
  const person = useKnown((known) => known.person)
  const [file, setFile] = useState<File | null>(null)
  const { phase, send } = useUpload()
  const isTooLarge = file !== null && file.size > sizeLimitBytes
  const isSending = phase.kind === 'sending'
  return (
    <div class="upload-box">
      <label class={isSending || person === '' ? 'button plain off' : 'button plain photo-take'}>
        <Icon name="camera" />
        <span>{say('upload-choose')}</span>
        <input
          class="sr-only"
          type="file"
          name="upload"
          accept="image/jpeg,image/png,image/bmp,application/pdf,video/mp4"
          disabled={isSending || person === ''}
          onChange={(event) => {
            setFile(event.currentTarget.files?.[0] ?? null)
            event.currentTarget.value = ''
          }}
        />
      </label>
      {isTooLarge && (
        <Notice
          tone="bad"
          icon="warning"
          what={say('upload-too-large', { limit: formatBytes(sizeLimitBytes, language) })}
        />
      )}
      {isSending && (
        <Progress label={say('upload-sending')} done={phase.doneBytes} total={phase.totalBytes} />
      )}
      {phase.kind === 'failed' && <TroubleNotice trouble={phase.trouble} />}
      {phase.kind === 'kept' && <Notice tone="good" icon="check" what={say('upload-done')} />}
      {file !== null && !isTooLarge && (
        <Sheet
          title={say('upload-ask')}
          yes={say('upload-yes', { name: patient.name })}
          onBack={() => setFile(null)}
          onYes={() => {
            setFile(null)
            void send(person, order.order, file)
          }}
        >
          <PatientLine patient={patient} isLarge />
          <p>{describedIn(language, order.description)}</p>
          <p class="hint">
            {say('upload-file')}: {file.name}, {formatBytes(file.size, language)}
          </p>
        </Sheet>
      )}
    </div>
  )
}

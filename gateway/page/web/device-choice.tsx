/** Which devices record for a patient, each with the patient for whom it records now. */
import type { JSX } from 'preact'
import type { DeviceView } from '../view.ts'
import type { VisitView } from '../visits-view.ts'
import { Icon } from './icons.tsx'
import { Notice, useSay } from './parts.tsx'
import { useKnown } from './store.ts'

export function DeviceChoice(props: {
  /** Token of the visit that they are chosen for; null: it is not open yet. */
  visit: string | null
  chosen: readonly string[]
  onChange: (chosen: readonly string[]) => void
}): JSX.Element {
  const { say } = useSay()
  const { visit, chosen, onChange } = props
  const devices = useKnown((known) => known.status?.devices ?? [])
  const visits = useKnown((known) => known.visits?.visits ?? [])
  const elsewhere = (device: string) => visitOfDevice(visits, device, visit)?.patient.name ?? null
  const isTaken = chosen.some((device) => elsewhere(device) !== null)
  return (
    <fieldset class="device-choice">
      <legend>{say('devices-of-visit')}</legend>
      <div>
        {devices.filter(recordsForVisits).map(({ id, driver, label }) => {
          const isChosen = chosen.includes(id)
          const other = elsewhere(id)
          return (
            <label key={id} class={isChosen ? 'chosen' : ''}>
              <input
                type="checkbox"
                name="device"
                value={id}
                checked={isChosen}
                onChange={() =>
                  onChange(isChosen ? chosen.filter((one) => one !== id) : [...chosen, id])
                }
              />
              <Icon name={isChosen ? 'check' : 'plus'} size={18} />
              <span>
                {driver === 'keypad' ? say('nav-keypad') : label}
                <small>{other === null ? id : say('devices-elsewhere', { name: other })}</small>
              </span>
            </label>
          )
        })}
      </div>
      {isTaken && <Notice tone="wait" icon="warning" what={say('devices-taken')} />}
    </fieldset>
  )
}

/** Images say themselves whose they are. */
export function recordsForVisits({ driver }: DeviceView): boolean {
  return driver !== 'dicom'
}

/** Those that record for nobody: who opens a visit means all of them, and sees which. */
export function freeDevices(
  devices: readonly DeviceView[],
  visits: readonly VisitView[],
): readonly string[] {
  return devices
    .filter(recordsForVisits)
    .map(({ id }) => id)
    .filter((device) => visitOfDevice(visits, device, null) === null)
}

function visitOfDevice(
  visits: readonly VisitView[],
  device: string,
  except: string | null,
): VisitView | null {
  const found = visits.find(
    ({ visit, state, devices }) => visit !== except && state === 'open' && devices.includes(device),
  )
  return found ?? null
}

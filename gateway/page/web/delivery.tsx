/** How far a record has come: four stations, of which only the last is the hospital. */
import type { JSX } from 'preact'
import type { Delivery } from '../view.ts'
import { Icon, type IconName } from './icons.tsx'
import { deliveryLook } from './looks.ts'
import { useSay } from './parts.tsx'

const stations: readonly { readonly at: Delivery; readonly icon: IconName }[] = [
  { at: 'stored', icon: 'store' },
  { at: 'sent', icon: 'sent' },
  { at: 'acknowledged', icon: 'broker' },
  { at: 'receipted', icon: 'hospital' },
]

export function DeliveryState(props: { delivery: Delivery; explain?: boolean }): JSX.Element {
  const { say } = useSay()
  const { delivery, explain = false } = props
  const look = deliveryLook(delivery)
  const reached = stations.findIndex((station) => station.at === delivery)
  return (
    <div class={`delivery ${look.tone}`} data-delivery={delivery} title={say(look.why)}>
      <div class="stations" aria-hidden="true">
        {stations.map((station, index) => (
          <span key={station.at} class={index <= reached ? 'station reached' : 'station'}>
            <Icon name={station.icon} size={15} />
          </span>
        ))}
      </div>
      <div class="delivery-word">
        {reached < 0 && <Icon name={look.icon} size={16} />}
        <span>{say(look.word)}</span>
      </div>
      {explain && <div class="delivery-why">{say(look.why)}</div>}
    </div>
  )
}

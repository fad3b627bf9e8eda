/** How states look: each a colour, an icon and a word. */
import type { OrderState } from '../../../protocols/packet/visit-records.ts'
import type { Delivery, DeviceView, UplinkView } from '../view.ts'
import type { IconName } from './icons.tsx'
import type { Tone } from './parts.tsx'
import type { Key } from './words.ts'

export interface Look<K extends Key = Key> {
  readonly tone: Tone
  readonly icon: IconName
  readonly word: K
}

export function uplinkLook(state: UplinkView['state']) {
  switch (state) {
    case 'online':
      return { tone: 'good', icon: 'network', word: 'uplink-online' } as const
    case 'connecting':
      return { tone: 'wait', icon: 'clock', word: 'uplink-connecting' } as const
    default:
      return { tone: 'idle', icon: 'offline', word: 'uplink-offline' } as const
  }
}

export function landingLook(landing: UplinkView['landing']) {
  switch (landing) {
    case 'online':
      return { tone: 'good', icon: 'check', word: 'landing-online' } as const
    case 'offline':
      return { tone: 'wait', icon: 'clock', word: 'landing-offline' } as const
    default:
      return { tone: 'idle', icon: 'question', word: 'landing-unknown' } as const
  }
}

export function linkLook(link: DeviceView['link']) {
  switch (link) {
    case 'open':
      return { tone: 'good', icon: 'check', word: 'link-open' } as const
    case 'opening':
      return { tone: 'wait', icon: 'clock', word: 'link-opening' } as const
    default:
      return { tone: 'bad', icon: 'cross', word: 'link-closed' } as const
  }
}

export function deviceLook(state: DeviceView['state']) {
  switch (state) {
    case 'talking':
      return { tone: 'good', icon: 'check', word: 'device-talking' } as const
    case 'waiting':
      return { tone: 'good', icon: 'check', word: 'device-waiting' } as const
    case 'silent':
      return { tone: 'wait', icon: 'warning', word: 'device-silent' } as const
    case 'garbled':
      return { tone: 'bad', icon: 'warning', word: 'device-garbled' } as const
    default:
      return { tone: 'idle', icon: 'question', word: 'device-unknown' } as const
  }
}

export function deliveryLook(delivery: Delivery) {
  switch (delivery) {
    case 'storing':
      return {
        tone: 'wait',
        icon: 'clock',
        word: 'delivery-storing',
        why: 'delivery-storing-why',
      } as const
    case 'stored':
      return {
        tone: 'info',
        icon: 'store',
        word: 'delivery-stored',
        why: 'delivery-stored-why',
      } as const
    case 'sent':
      return {
        tone: 'info',
        icon: 'sent',
        word: 'delivery-sent',
        why: 'delivery-sent-why',
      } as const
    case 'acknowledged':
      return {
        tone: 'info',
        icon: 'broker',
        word: 'delivery-acknowledged',
        why: 'delivery-acknowledged-why',
      } as const
    case 'receipted':
      return {
        tone: 'good',
        icon: 'hospital',
        word: 'delivery-receipted',
        why: 'delivery-receipted-why',
      } as const
    default:
      return {
        tone: 'bad',
        icon: 'cross',
        word: 'delivery-failed',
        why: 'delivery-failed-why',
      } as const
  }
}

export function orderLook(state: OrderState) {
  switch (state) {
    case 'scheduled':
      return { tone: 'wait', icon: 'clock', word: 'order-state-scheduled' } as const
    case 'in-progress':
      return { tone: 'info', icon: 'device', word: 'order-state-in-progress' } as const
    case 'completed':
      return { tone: 'good', icon: 'check', word: 'order-state-completed' } as const
    case 'discontinued':
      return { tone: 'idle', icon: 'cross', word: 'order-state-discontinued' } as const
    default:
      return { tone: 'idle', icon: 'cross', word: 'order-state-cancelled' } as const
  }
}

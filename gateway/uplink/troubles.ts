/** What stands in the way, newest first, until it has passed. */
import type { CloseCode } from '../../protocols/world/broker.ts'
import type { MonotonicMs } from '../../protocols/world/clock.ts'
import { uplinkTrouble, type UplinkTroubleCode } from '../errors/uplink.ts'
import type { Trouble } from '../errors/trouble.ts'
import type { Log } from '../world.ts'

export interface NotedTrouble {
  readonly trouble: Trouble
  readonly sinceMs: MonotonicMs
}

/** What nothing takes back, such as a message that could not be used, is shown for so long. */
const fadesAfterMs = 600_000

export class Troubles {
  readonly #log: Log
  readonly #nowMs: () => MonotonicMs
  readonly #noted = new Map<string, NotedTrouble>()

  constructor(log: Log, nowMs: () => MonotonicMs) {
    this.#log = log
    this.#nowMs = nowMs
  }

  /** Logged when it is new, shown until it is cleared. */
  note(trouble: Trouble): void {
    const known = this.#noted.get(trouble.code)
    if (known?.trouble.message !== trouble.message) {
      this.#log.warn('uplink trouble', trouble.logFields())
    }
    this.#noted.delete(trouble.code)
    this.#noted.set(trouble.code, { trouble, sinceMs: known?.sinceMs ?? this.#nowMs() })
  }

  clear(...codes: readonly UplinkTroubleCode[]): void {
    for (const code of codes) this.#noted.delete(code)
  }

  /** Takes away what nobody has noted for long. */
  fade(code: UplinkTroubleCode): void {
    const noted = this.#noted.get(code)
    if (noted !== undefined && this.#nowMs() - noted.sinceMs >= fadesAfterMs) {
      this.#noted.delete(code)
    }
  }

  list(): readonly NotedTrouble[] {
    return [...this.#noted.values()].toReversed()
  }
}

const troubleCodes: { readonly [C in Exclude<CloseCode, 'asked'>]: UplinkTroubleCode } = {
  unreachable: 'uplink-unreachable',
  'name-unknown': 'uplink-name-unknown',
  timeout: 'uplink-timeout',
  lost: 'uplink-lost',
  certificate: 'uplink-certificate',
  'certificate-time': 'uplink-certificate-time',
  'certificate-refused': 'uplink-certificate-refused',
  settings: 'uplink-settings',
  credentials: 'uplink-credentials',
  'client-id': 'uplink-client-id',
  'taken-over': 'uplink-taken-over',
  protocol: 'uplink-protocol',
  'packet-too-large': 'uplink-protocol',
  busy: 'uplink-busy',
}

/** Over as soon as a connection opens. A twin is not over: it pushes us out after that. */
export const connectionTroubles: readonly UplinkTroubleCode[] = [
  ...Object.values(troubleCodes).filter((code) => code !== 'uplink-taken-over'),
  'uplink-silent',
]

/** What the end of a connection means for the person in the van. */
export function troubleOf(why: string, retriable: boolean, code: CloseCode | undefined): Trouble {
  const known = code === undefined || code === 'asked' ? null : troubleCodes[code]
  return uplinkTrouble(known ?? (retriable ? 'uplink-lost' : 'uplink-protocol'), { why })
}

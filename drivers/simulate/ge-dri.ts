/** A GE monitor of the level 2009: sends what it was asked for, in requests of its own level. */
import { joinBytes } from '../../protocols/bytes/bytes.ts'
import { Framer } from '../../protocols/bytes/framer.ts'
import { basicPart, type DriBasic } from '../../protocols/ge-dri/basic.ts'
import {
  driPacketLimitBytes,
  encodeDri,
  physiological,
  scanDri,
  waveform,
  type DriPart,
} from '../../protocols/ge-dri/frame.ts'
import { wavePart, waveTypes } from '../../protocols/ge-dri/wave.ts'
import { Body, instants, type BodyOptions } from './body.ts'
import type { Simulated } from './simulated.ts'

const level = 0x0a
const tickMs = 100
const wavesEveryMs = 1_000
const numbersEveryMs = 5_000
/** Adult, and measuring by itself. */
const cuffLabel = 0x0b
const leadTwo = 0x1200
const ambientMmHg = 760

export function* simulateGeDri(options: BodyOptions): Simulated {
  const body = new Body(options)
  const ear = new Framer(scanDri, driPacketLimitBytes)
  let wants = { numbers: false, waves: false }
  let number = 0
  for (let nowMs = tickMs; ; nowMs += tickMs) {
    body.passUntil(nowMs)
    const records: Uint8Array[] = []
    const add = (mainType: number, parts: readonly DriPart[]): void => {
      const plugId = 0
      const unixSeconds = Math.floor(nowMs / 1_000)
      records.push(
        encodeDri({ number: number++ & 0xff, level, plugId, unixSeconds, mainType, parts }),
      )
    }
    if (wants.numbers && nowMs % numbersEveryMs === 0) {
      add(physiological, [basicPart(numbersOf(body, nowMs), level)])
    }
    if (wants.waves && nowMs % wavesEveryMs === 0) add(waveform, wavesOf(body, nowMs))
    const heard = yield { afterMs: tickMs, bytes: joinBytes(...records) }
    for (const framed of ear.feed(heard ?? new Uint8Array(0), nowMs)) {
      if (framed.kind !== 'packet' || framed.packet.level !== level) continue
      const isWaves = framed.packet.mainType === waveform
      wants = isWaves ? { ...wants, waves: true } : { ...wants, numbers: true }
    }
  }
}

function wavesOf(body: Body, nowMs: number): readonly DriPart[] {
  const counter = Math.floor(nowMs / wavesEveryMs) % 60
  const wave = (type: number, perSecond: number, step: (ms: number) => number): DriPart =>
    wavePart({
      type,
      isAfterGap: false,
      counter,
      samples: instants(nowMs - wavesEveryMs, nowMs, perSecond).map((ms) => Math.round(step(ms))),
    })
  return [
    wave(waveTypes.ecg1, 300, (ms) => body.ecgMillivolts(ms) * 1_000),
    wave(waveTypes.pleth, 100, (ms) => body.pulse(ms) * 200),
    wave(waveTypes.respiration, 25, (ms) => body.breath(ms) * 100),
    wave(waveTypes.co2, 25, (ms) => body.breath(ms) * 500),
  ]
}

function numbersOf(body: Body, nowMs: number): DriBasic {
  const active = { isActive: true, status: 0 }
  const pressure = body.pressureAt(nowMs)
  return {
    kind: 'displayed',
    unixSeconds: Math.floor(nowMs / 1_000),
    groups: {
      ...absentGroups,
      ecg: {
        isActive: true,
        status: 2,
        label: leadTwo,
        values: {
          heartPerMinute: body.heartPerMinute,
          st1Mm: 0,
          breathsPerMinute: body.breathsPerMinute,
        },
      },
      cuff: { ...active, label: cuffLabel, values: { ...pressure } },
      t1: { ...active, label: 7, values: { celsius: body.tenthsCelsius / 10 } },
      oximeter: {
        ...active,
        label: 0,
        values: {
          saturationPercent: body.saturationPercent,
          pulsePerMinute: body.heartPerMinute,
        },
      },
      co2: {
        ...active,
        label: 1,
        values: {
          expiredPercent: Math.round((body.endTidalCo2MmHg / ambientMmHg) * 10_000) / 100,
          inspiredPercent: 0,
          breathsPerMinute: body.breathsPerMinute,
          ambientMmHg,
        },
      },
    },
  }
}

const absent = { isActive: false, status: 0, label: 0, values: {} }
const absentGroups: DriBasic['groups'] = {
  ecg: absent,
  p1: absent,
  p2: absent,
  p3: absent,
  p4: absent,
  cuff: absent,
  t1: absent,
  t2: absent,
  t3: absent,
  t4: absent,
  oximeter: absent,
  co2: absent,
  o2: absent,
  n2o: absent,
  agent: absent,
  p5: absent,
  p6: absent,
}

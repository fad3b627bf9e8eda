/** Choices out of randomness, with chances that are per thousand. */
import type { Random } from '../../protocols/world/random.ts'

export interface Draws {
  /** 0 <= n < limit. */
  readonly below: (limit: number) => number
  readonly chance: (perThousand: number) => boolean
  readonly oneOf: <T>(choices: readonly T[]) => T
  /** One of the names, each as often as its number says. */
  readonly weighted: <Name extends string>(weights: Readonly<{ [N in Name]: number }>) => Name
}

export function drawsFrom(random: Random): Draws {
  return {
    below: (limit) => random.below(limit),
    chance: (perThousand) => random.below(1000) < perThousand,
    oneOf(choices) {
      const chosen = choices[random.below(choices.length)]
      if (chosen === undefined) throw new Error('nothing to choose from')
      return chosen
    },
    weighted(weights) {
      const names = Object.keys(weights) as (keyof typeof weights)[]
      const sum = names.reduce((total, name) => total + weights[name], 0)
      let left = random.below(sum)
      for (const name of names) {
        left -= weights[name]
        if (left < 0) return name
      }
      throw new Error('nothing to choose from')
    },
  }
}

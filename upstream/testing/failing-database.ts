/** A real database of which chosen operations fail before they do anything. */
import type { SqliteDatabase } from '../landing/database.ts'

export class OperationFailed extends Error {
  readonly code: string

  constructor(code: string) {
    super(`operation failed on purpose (${code})`)
    this.name = 'OperationFailed'
    this.code = code
  }
}

const operations = new Set<string | symbol>(['run', 'get', 'all', 'iterate', 'exec', 'pragma'])

/** `before` is called with the name of each operation, and throws when it shall fail. */
export function failingDatabase(database: SqliteDatabase, before: () => void): SqliteDatabase {
  return watched(database, before)
}

function watched<T extends object>(target: T, before: () => void): T {
  const proxy: T = new Proxy(target, {
    get(inner, name) {
      const value: unknown = Reflect.get(inner, name, inner)
      if (typeof value !== 'function') return value
      return (...given: unknown[]): unknown => {
        if (operations.has(name)) before()
        const answer: unknown = Reflect.apply(value, inner, given)
        if (answer === inner) return proxy
        return name === 'prepare' && typeof answer === 'object' && answer !== null
          ? watched(answer, before)
          : answer
      }
    },
  })
  return proxy
}

/** The verbs of the command `simpul`. Each is a file of its own, loaded only when it is called. */
import { exitCodes, UsageError, type Verb } from './verb.ts'

const verbs: { readonly [name: string]: () => Promise<Verb> } = {
  run: async () => (await import('./run.ts')).run,
  demo: async () => (await import('./demo.ts')).demo,
  check: async () => (await import('./check.ts')).check,
  key: async () => (await import('./key.ts')).key,
  drivers: async () => (await import('./drivers.ts')).driversVerb,
  decode: async () => (await import('./decode.ts')).decode,
  record: async () => (await import('./record.ts')).record,
  replay: async () => (await import('./replay.ts')).replay,
  simulate: async () => (await import('./simulate.ts')).simulate,
  subscribe: async () => (await import('./subscribe.ts')).subscribe,
  landing: async () => (await import('./landing.ts')).landing,
  broker: async () => (await import('./broker.ts')).broker,
}

async function perform(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    return help(rest[0])
  }
  const load = verbs[name]
  if (load === undefined) {
    process.stderr.write(`simpul: there is no verb ${name}. \`simpul help\` lists them.\n`)
    return exitCodes.usage
  }
  const verb = await load()
  if (rest.includes('--help') || rest.includes('-h')) return help(name)
  try {
    return await verb.run(rest)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`simpul ${name}: ${error.message}\n\n${verb.help}\n`)
    return exitCodes.usage
  }
}

async function help(name: string | undefined): Promise<number> {
  if (name !== undefined) {
    const load = verbs[name]
    if (load === undefined) return perform([name])
    process.stdout.write(`${(await load()).help}\n`)
    return exitCodes.ok
  }
  const lines = ['simpul: the edge gateway for on-board medical devices', '']
  for (const load of Object.values(verbs)) {
    const verb = await load()
    lines.push(`  simpul ${verb.name.padEnd(10)} ${verb.summary}`)
  }
  lines.push(
    '',
    '`simpul help VERB` says more. Exit codes: 0 done, 1 tried and failed, 2 command line not',
    'understood, 3 mistakes in the configuration, 4 something is missing, doubled or wrong.',
  )
  process.stdout.write(`${lines.join('\n')}\n`)
  return exitCodes.ok
}

/** Does what the words after `simpul` say, and answers the exit code. */
export async function command(words: readonly string[]): Promise<number> {
  try {
    return await perform(words)
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.stderr.write(`simpul: ${text}\n`)
    return exitCodes.failed
  }
}

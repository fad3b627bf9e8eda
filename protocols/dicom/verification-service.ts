/** C-ECHO: "are you there?" Source: PS3.4 annex A, PS3.7 section 9.1.5. */
import { commandFields, statuses } from './command-set.ts'
import { chooseForReading } from './negotiate.ts'
import { refusing, type Exchange, type Handler, type Request, type Service } from './service.ts'
import { isUid, verificationUid } from './uids.ts'

export const verificationService: Service = {
  name: 'verification',
  serves: (abstractSyntax) => abstractSyntax === verificationUid,
  // There is no data set to read, so a syntax that we do not know does no harm.
  choose: (proposed) => chooseForReading(proposed) ?? proposed.find(isUid) ?? null,
  begin: beginEcho,
}

/** Echoes are answered in any context, since this is how an installer tests a connection. */
export function beginEcho(request: Request, exchange: Exchange): Handler | null {
  if (request.command.field !== commandFields.echo) return null
  return refusing(exchange, { sopClassUid: verificationUid, status: statuses.success })
}

/** Where an order stands, from what the modality said and which images came. */
import type { OrderState, Procedure } from '../../protocols/packet/visit-records.ts'

/**
 * After a performed procedure step changed. One examination may be done in several steps: it goes
 * on while one of them does, and it is complete when one of them is. Steps that never said an end
 * tell nothing about it.
 */
export function stateAfterSteps(
  before: OrderState,
  steps: readonly Pick<Procedure, 'state'>[],
): OrderState {
  const has = (state: Procedure['state']) => steps.some((step) => step.state === state)
  if (has('in-progress')) return 'in-progress'
  if (has('completed')) return 'completed'
  if (has('discontinued')) return 'discontinued'
  return before === 'scheduled' && steps.length > 0 ? 'in-progress' : before
}

/** After an image of it came: a modality without performed procedure steps says nothing else. */
export function stateAfterImage(before: OrderState): OrderState {
  return before === 'scheduled' || before === 'cancelled' ? 'in-progress' : before
}

/** Whether the modalities are still offered it. */
export function isOffered(state: OrderState): boolean {
  return state === 'scheduled' || state === 'in-progress'
}

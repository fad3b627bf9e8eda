/** The device drivers that this gateway knows. */
import type { Driver } from './driver.ts'

export const drivers: readonly Driver[] = []

export const room = 'gateway/sim/main.ts'

export const room = 'upstream/index.ts'

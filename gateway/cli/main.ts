export const room = 'gateway/cli/main.ts'

export const room = 'gateway/page/web/main.tsx'

import { troublesOf, type TroubleTable } from './trouble.ts'

export const linkTroubles = {
  'link-not-there': {
    en: {
      what: 'There is no port {path}.',
      todo: 'Plug the cable in, or choose another port on the Devices page.',
    },
    id: {
      what: 'Port {path} tidak ada.',
      todo: 'Pasang kabelnya, atau pilih port lain di halaman Alat.',
    },
    retriable: true,
  },
} as const satisfies TroubleTable

export const linkTrouble = troublesOf(linkTroubles)

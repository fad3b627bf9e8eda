/** English and Indonesian, for people. */
export interface Names {
  readonly en: string
  readonly id: string
}

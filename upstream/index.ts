/** What the hospital's programs use of this end of the wire. */
export { compareWithJournal, isSame, type Comparison, type JournalPacket } from './compare.ts'
export type { FeedBatch, FeedItem } from './landing/feed.ts'
export {
  createLanding,
  type Landing,
  type LandingOptions,
  type LandingStats,
} from './landing/landing.ts'
export { LandingStore, StoreFailed, type StoreOptions } from './landing/store.ts'
export { loadTrust, TrustRefused, type TrustedKeys } from './landing/trust.ts'
export { openMqttBroker } from './mqtt.ts'
export type { Destination, ForwardSettings } from './pacs/destinations.ts'
export { startForwarder, type Forwarder } from './pacs/forwarder.ts'
export { readForwardSettings } from './pacs/read-settings.ts'
export { lineOf, printStream, type PrintOutcome } from './print.ts'
export { jsonLog, realClock, realRandom } from './real-world.ts'
export { isClean, readReport, reportText, type LandingReport } from './report.ts'
export { LandingInUse, runLanding, type RunLandingOptions } from './run-landing.ts'
export type { Gap, Item, Position, ReceivedRecord, Start } from './subscriber/items.ts'
export {
  connect,
  type Subscriber,
  type SubscriberOptions,
  type SubscriberStats,
} from './subscriber/subscriber.ts'
export type { Subscription, SubscriptionOptions } from './subscriber/subscription.ts'
export type { UpstreamLog, UpstreamWorld } from './world.ts'

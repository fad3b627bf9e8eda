/** Rules that must not be broken, each with the change of our sources that breaks it. */
export interface Mutant {
  readonly name: string
  readonly rule: string
  readonly edits: readonly Edit[]
  /** Within how many seeds it must be found; a thousand when it does not say. */
  readonly seeds?: number
}

export interface Edit {
  readonly file: string
  /** Stands there exactly once. */
  readonly find: string
  readonly replace: string
}

export const mutants: readonly Mutant[] = [
  {
    name: 'stored-before-commit',
    rule: 'the journal says "stored" before the commit',
    edits: [
      {
        file: 'gateway/journal/local-journal.ts',
        find: 'this.#records.push({ prepared, stored, refused })',
        replace: 'this.#records.push({ prepared, stored, refused }); stored()',
      },
    ],
  },
  {
    name: 'number-used-twice',
    rule: 'a journal that is opened again gives its last number once more',
    edits: [
      {
        file: 'gateway/journal/streams.ts',
        find: 'nextSeq: row.next_seq,',
        replace: 'nextSeq: Math.max(0, row.next_seq - 1),',
      },
      {
        file: 'gateway/journal/packet-table.ts',
        find: 'INSERT INTO packets',
        replace: 'INSERT OR REPLACE INTO packets',
      },
      {
        file: 'gateway/journal/packet-table.ts',
        find: 'INSERT INTO unreceipted',
        replace: 'INSERT OR REPLACE INTO unreceipted',
      },
    ],
  },
  {
    name: 'in-flight-forgotten',
    rule: 'what was on its way is forgotten when the connection breaks',
    edits: [
      {
        file: 'gateway/uplink/sender.ts',
        find: 'if (!waiting.again) this.#reader.putBack(waiting.packet)',
        replace: '',
      },
    ],
  },
  {
    name: 'receive-maximum-ignored',
    rule: 'more is on its way than the Receive Maximum of the broker',
    edits: [
      {
        file: 'gateway/uplink/sender.ts',
        find: 'Math.min(limits.count, broker.receiveMaximum)',
        replace: 'limits.count',
      },
    ],
  },
  {
    name: 'receipt-before-commit',
    rule: 'the landing writes receipts before its transaction has ended',
    edits: [
      {
        file: 'upstream/landing/transactions.ts',
        find: 'this.#begin.run()\n    try {',
        replace:
          'if (this.#database.inTransaction) this.#commit.run()\n    this.#begin.run()\n    try {',
      },
      {
        file: 'upstream/landing/transactions.ts',
        find: 'this.#commit.run()\n      return answer',
        replace: 'return answer',
      },
    ],
  },
  {
    name: 'acknowledged-is-receipted',
    rule: 'the van takes the PUBACK of the broker for a receipt',
    edits: [
      {
        file: 'gateway/uplink/sender.ts',
        find: 'deliveries.acknowledged(packet, again, clock.monotonicMs())',
        replace:
          'void (this.#parts.journal as never as import("../journal/journal.ts").Journal)' +
          '.receipt(packet.epoch, packet.stream, [{ from: packet.seq, to: packet.seq }])',
      },
    ],
  },
  {
    name: 'doubled-in-landing',
    rule: 'the landing stores what it has once more',
    edits: [
      {
        file: 'upstream/landing/packets.ts',
        find: 'if (state.received.has(header.seq)) return this.#again(good, state)',
        replace: '',
      },
      { file: 'upstream/landing/schema.ts', find: ',\n  UNIQUE (stream_id, seq)', replace: '' },
    ],
  },
  {
    name: 'retention-ignores-receipts',
    rule: 'the oldest makes room, whether or not the hospital has it',
    edits: [
      {
        file: 'gateway/journal/retention.ts',
        find: 'SELECT id, object FROM receipted ORDER BY id LIMIT 1',
        replace: 'SELECT id, object FROM packets ORDER BY id LIMIT 1',
      },
    ],
  },
  {
    name: 'named-before-renamed',
    rule: 'the journal names an object before its file is in its place',
    edits: [
      {
        file: 'gateway/journal/adoption.ts',
        find: "if (status === 'already' || present) return []\n",
        replace: 'if (status !== null) return []\n',
      },
      {
        file: 'gateway/journal/adoption.ts',
        find: 'for (const file of absent) this.#settle(file)\n',
        replace: '',
      },
      {
        file: 'gateway/journal/adoption.ts',
        find: 'of fresh) this.#add(adoption, present)\n      })\n',
        replace:
          'of fresh) this.#add(adoption, present)\n      })\n' +
          '      for (const file of absent) this.#settle(file)\n',
      },
    ],
  },
  {
    name: 'refused-is-dropped',
    rule: 'a reading that the journal refuses once is not tried again',
    edits: [
      {
        file: 'gateway/devices/outbox.ts',
        find: 'this.#keep(entry)\n      this.#makeRoom()',
        replace: 'this.#makeRoom()',
      },
    ],
  },
  {
    name: 'any-clock-is-believed',
    rule: 'the wall clock is believed although NTP does not hold it',
    edits: [
      {
        file: 'gateway/clock/time-keeper.ts',
        find: 'if (synchronised !== null) {',
        replace: '{',
      },
      {
        file: 'gateway/clock/time-keeper.ts',
        find: 'driftMs(synchronised.ageMs)',
        replace: 'driftMs(synchronised?.ageMs ?? 0)',
      },
    ],
  },
  {
    name: 'presence-said-once',
    rule: 'the landing does not look whether its presence stands at the broker',
    edits: [
      {
        file: 'upstream/landing/landing.ts',
        find: "this.#later('presence', presenceHeardWithinMs, () => this.#sayOnline())",
        replace: '',
      },
    ],
  },
  {
    name: 'place-forgotten',
    rule: 'a subscriber forgets its place in streams that did not come yet',
    edits: [
      {
        file: 'upstream/subscriber/subscription.ts',
        find: '...given.filter((position) => !this.#lanes.has(keyOf(position))),',
        replace: '',
      },
    ],
  },
  {
    name: 'introduced-once',
    rule: 'a van that nobody seems to know does not introduce itself again',
    edits: [
      {
        file: 'gateway/uplink/uplink.ts',
        find: 'this.#sayOnline()\n    this.#sender.rewind(overdue)',
        replace: 'this.#sender.rewind(overdue)',
      },
    ],
  },
  {
    name: 'landing-asked-once',
    rule: 'a van that believes the landing away does not look again',
    edits: [
      {
        file: 'gateway/uplink/uplink.ts',
        find: 'if (count > 0 && nowMs >= link.landingAskedMs + subscribeAgainMs) this.#subscribe(link)',
        replace: '',
      },
    ],
  },
  {
    name: 'quarantine-kept',
    // The broker must lose both what the van says of itself, and its connection before it is said
    // again: one world in some thousands.
    seeds: 10_000,
    rule: 'a will that brings the key of a van does not free what was kept apart for want of it',
    edits: [
      {
        file: 'upstream/landing/landing.ts',
        find: 'this.#release(van)\n    if (state.value.online) this.#receipts.everything(van)',
        replace:
          'if (!state.value.online) return\n    this.#receipts.everything(van)\n    this.#release(van)',
      },
    ],
  },
  {
    name: 'acknowledged-for-ever',
    rule: 'what the broker has acknowledged is never sent again',
    edits: [
      {
        file: 'gateway/uplink/delivery.ts',
        find: 'if (waitedMs < state.patienceMs) continue',
        replace: 'continue',
      },
    ],
  },
  {
    name: 'any-answer-counts',
    rule: 'an answer to an older question is taken for one to the question that is out',
    edits: [
      {
        file: 'gateway/uplink/time-questions.ts',
        find: 'question !== null && sameBytes(question.nonce, nonce)',
        replace: 'question !== null',
      },
    ],
  },
]

#!/usr/bin/env python3
"""A decoder of the waveform codec, written from waveform-codec.md alone. Needs Python 3.8 and nothing else.

    python3 decode.py vectors.json

decodes the packets of each vector in order and prints, as JSON, {name: [samples of each lead, of each packet]};
a packet that is refused is a text that says why. More arguments are names of vectors, to decode only these.
Numbers in parentheses name the sections of the page.
"""
import json
import sys

from arithmetic import Known, RangeDecoder
from model import BEST, HIGHEST, LOWEST, Model

LEADS_MAX, SAMPLES_MAX, SAMPLES_PER_BYTE_MAX = 64, 2097152, 128


class Refused(Exception):
    """A packet that is not one, or not the one that comes next."""


# Bytes (3)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        if self.at >= len(self.data):
            raise Refused("cut off")
        self.at += 1
        return self.data[self.at - 1]

    def take(self, count):
        if count > len(self.data) - self.at:
            raise Refused("cut off")
        self.at += count
        return self.data[self.at - count : self.at]

    def unsigned(self):
        value = 0
        for group in range(5):
            byte = self.byte()
            value += (byte & 0x7F) << (7 * group)
            if byte < 0x80:
                if value > 0xFFFFFFFF or (byte == 0 and group > 0):
                    raise Refused("malformed number")
                return value
        raise Refused("malformed number")

    def signed(self):
        value = self.unsigned()
        return value // 2 if value % 2 == 0 else -(value + 1) // 2


CRC_TABLE = []
for rest in range(256):
    for _ in range(8):
        rest = (rest >> 1) ^ 0x82F63B78 if rest & 1 else rest >> 1
    CRC_TABLE.append(rest)


def crc32c(data, before=0):
    state = before ^ 0xFFFFFFFF
    for byte in data:
        state = (state >> 8) ^ CRC_TABLE[(state ^ byte) & 0xFF]
    return state ^ 0xFFFFFFFF


def crc_of(leads, count, before):
    words = [len(leads), count] + [value for lead in leads for value in lead]
    return crc32c(b"".join((word & 0xFFFFFFFF).to_bytes(4, "little") for word in words), before)


# Plans (4)


def read_plan(reader, before):
    kind = reader.byte()
    if kind == 0:
        return ("plain",)
    if kind == 1:
        step, offset = reader.unsigned(), reader.unsigned()
        if not 2 <= step <= HIGHEST or offset >= step:
            raise Refused("malformed lattice")
        return ("lattice", step, offset)
    if kind == 2:
        return ("constant", reader.signed())
    if kind == 3:
        flags, factors, first, second = reader.byte(), reader.byte(), reader.byte(), reader.byte()
        rounding = flags & 7
        if flags > 15 or rounding > 4 or factors > 80:
            raise Refused("malformed relation")
        constant = 0 if flags & 8 else reader.signed()
        for source in (first, second):
            if source >= len(before) or not is_coded(before[source]):
                raise Refused("a relation to a lead that is not coded before")
        return ("derived", factors // 9 - 4, factors % 9 - 4, first, second, rounding, constant)
    if kind == 4:
        rounding, numerator, denominator = reader.byte(), reader.unsigned(), reader.unsigned()
        if rounding > 2 or not 1 <= denominator <= 1000 or not 2 * denominator <= numerator <= 2**20:
            raise Refused("malformed scale")
        return ("scaled", rounding, numerator, denominator)
    raise Refused("unknown plan")


def is_coded(plan):
    return plan[0] not in ("constant", "derived")


def half(total, rounding):
    """total / 2, rounded when total is odd."""
    down = total // 2
    if total % 2 == 0 or rounding == 0:
        return down
    if rounding == 1:
        return down + 1
    if rounding == 2:
        return down if total > 0 else down + 1
    if rounding == 3:
        return down + 1 if total > 0 else down
    return down if down % 2 == 0 else down + 1


def scaled(k, rounding, n, d):
    if rounding == 0:
        return k * n // d
    if rounding == 1:
        return k * n // d if k >= 0 else -(-k * n // d)
    return (2 * k * n + d) // (2 * d)


def restore(plans, coded, count):
    """All leads from the coded ones."""
    leads, coded = [], iter(coded)
    for plan in plans:
        if plan[0] == "constant":
            lead = [plan[1]] * count
        elif plan[0] == "derived":
            _, a, b, first, second, rounding, constant = plan
            lead = [constant + half(a * x + b * y, rounding) for x, y in zip(leads[first], leads[second])]
        elif plan[0] == "lattice":
            lead = [k * plan[1] + plan[2] for k in next(coded)]
        elif plan[0] == "scaled":
            lead = [scaled(k, *plan[1:]) for k in next(coded)]
        else:
            lead = next(coded)
        if any(not LOWEST <= value <= HIGHEST for value in lead):
            raise Refused("a value of more than 32 bits")
        leads.append(lead)
    return leads


def read_raw(body, leads, count):
    """A raw body (5)."""
    reader, values = Reader(body), []
    for _ in range(leads):
        low, width = reader.signed(), reader.byte()
        if width > 32:
            raise Refused("malformed raw body")
        held = int.from_bytes(reader.take((width * count + 7) // 8), "little")
        mask = (1 << width) - 1
        values.append([low + ((held >> (width * n)) & mask) for n in range(count)])
        if held >> (width * count):
            raise Refused("malformed raw body")
    if reader.at != len(body) or any(value > HIGHEST for lead in values for value in lead):
        raise Refused("malformed raw body")
    return values


# Packets and chains (3, 17)


class WaveReader:
    """Reads waves, and the packets of one chain after another."""

    def __init__(self):
        self.chain = None

    def decode(self, packet):
        """The samples of each lead."""
        reader = Reader(packet)
        first = reader.byte()
        kind, is_raw, is_same_count = first & 3, bool(first & 4), bool(first & 8)
        if first >> 4 != 1 or kind == 3 or (is_same_count and kind != 2):
            raise Refused("unknown version or kind")
        if kind != 2:
            return self.open(reader, kind, is_raw)
        if self.chain is None:
            raise Refused("waits for the next key")
        index = reader.byte()
        expected = (self.chain["index"] + 1) % 256
        behind = (expected - index) % 256
        if 0 < behind <= min(self.chain["index"], 128):
            raise Refused("decoded before")
        chain, self.chain = self.chain, None
        if behind > 0:
            raise Refused(f"expected packet {expected} of the chain, found {index}")
        if not is_same_count:
            chain["count"] = reader.unsigned()
        chain["index"] += 1
        leads = self.read(reader, chain, is_raw)
        self.chain = chain
        return leads

    def open(self, reader, kind, is_raw):
        if kind == 1:
            self.chain = None
        profile, leads, count = reader.byte(), reader.byte(), reader.unsigned()
        if profile > BEST or not 1 <= leads <= LEADS_MAX:
            raise Refused("unknown profile or number of leads")
        plans = []
        for _ in range(leads):
            plans.append(read_plan(reader, plans))
        chain = {"plans": plans, "profile": profile, "model": None, "count": count, "index": 0, "crc": 0}
        samples = self.read(reader, chain, is_raw)
        if kind == 1:
            self.chain = chain
        return samples

    def read(self, reader, chain, is_raw):
        plans, count = chain["plans"], chain["count"]
        coded = len([plan for plan in plans if is_coded(plan)])
        if len(reader.data) - reader.at < 4:
            raise Refused("cut off")
        body = reader.take(len(reader.data) - reader.at - 4)
        crc = int.from_bytes(reader.take(4), "little")
        if len(plans) * count > SAMPLES_MAX:
            raise Refused("too many samples")
        if not is_raw and coded * count > len(body) * SAMPLES_PER_BYTE_MAX:
            raise Refused("too few bytes for so many samples")
        if coded * count == 0 and len(body) > 0:
            raise Refused("a body where nothing is coded")
        if coded > 0 and chain["model"] is None:
            chain["model"] = Model(chain["profile"], coded)
        values = [[] for _ in range(coded)]
        if is_raw:
            values = read_raw(body, coded, count)
            if coded > 0:
                chain["model"].run(Known(), count, values)
        elif coded > 0:
            values = chain["model"].run(RangeDecoder(body), count)
        leads = restore(plans, values, count)
        chain["crc"] = crc_of(leads, count, chain["crc"])
        if chain["crc"] != crc:
            raise Refused(f"expected CRC {crc:08x}, found {chain['crc']:08x}")
        return leads


def decode_all(packets):
    reader, answers = WaveReader(), []
    for packet in packets:
        try:
            answers.append(reader.decode(bytes.fromhex(packet["hex"])))
        except Refused as reason:
            answers.append(str(reason))
    return answers


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        parts = json.load(file)
    wanted = set(sys.argv[2:])
    answers = {}
    for part in parts["vectors"] + parts["refused"]:
        if not wanted or part["name"] in wanted:
            answers[part["name"]] = decode_all(part["packets"])
    json.dump(answers, sys.stdout, separators=(",", ":"))

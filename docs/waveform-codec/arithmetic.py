"""Arithmetic of the waveform codec: the range coder, logistic functions, vectors and predictors.

Numbers in parentheses name the sections of waveform-codec.md. Python's floats are IEEE 754 doubles and nothing
is fused. sum() is not used over floats: since Python 3.12 it compensates, which rounds otherwise.
"""
from functools import reduce
from itertools import repeat
from math import floor
from operator import add, mul, sub

# Bits (7)


class RangeDecoder:
    def __init__(self, body):
        self.body, self.at = body, 4
        self.low, self.high = 0, 0xFFFFFFFF
        self.code = int.from_bytes((body[:4] + bytes(4))[:4], "big")

    def bit(self, p, _):
        q = floor(p * 65536)
        q = 1 if not q >= 1 else min(q, 65535)
        middle = self.low + (self.high - self.low) * q // 65536
        bit = 1 if self.code <= middle else 0
        if bit:
            self.high = middle
        else:
            self.low = middle + 1
        while self.low >> 24 == self.high >> 24:
            byte = self.body[self.at] if self.at < len(self.body) else 0
            self.at += 1
            self.low = (self.low << 8) & 0xFFFFFFFF
            self.high = ((self.high << 8) & 0xFFFFFFFF) | 0xFF
            self.code = ((self.code << 8) & 0xFFFFFFFF) | byte
        return bit


class Known:
    """In place of a range decoder where the values are known: the model learns from raw bodies too."""

    def bit(self, _, bit):
        return bit


# Logistic functions (8)


def _tails():
    root, term = 1.0, 1.0
    for k in range(1, 16):
        term = term / 64 / k
        root = root + term
    power, tails = 1.0, []
    for _ in range(2050):
        tails.append(1 / (1 + power))
        power = power * root
    return tails


def _step(n):
    y = 1 / (2 * n + 1)
    term, total = y, 0.0
    for odd in range(1, 12, 2):
        total = total + term / odd
        term = term * (y * y)
    return 2 * total


def _stretches():
    logarithms, total = [0.0], 0.0
    for i in range(1, 4096):
        logarithms.append(total)
        total = total + _step(i)
    wide, fine = [-11.0], [-13.0]
    rest = 17 * 0.6931471805599453
    for i in range(1, 4096):
        wide.append(logarithms[i] - logarithms[4096 - i])
        rest = rest - _step(131072 - i)
        fine.append(logarithms[i] - rest)
    wide.append(11.0)
    fine.append(total - (rest - _step(126976)))
    return wide, fine


TAILS = _tails()
WIDE, FINE = _stretches()


def tail(z):
    size = -z if z < 0 else z
    if size < 32:
        place = size * 64
        i = int(place)
        t = TAILS[i] + (place - i) * (TAILS[i + 1] - TAILS[i])
    else:
        t = TAILS[2048]
    return 1 - t if z < 0 else t


def squash(z):
    return tail(-z)


def stretch(p):
    if p < 0.03125:
        return fine_stretch(p)
    if p > 1 - 0.03125:
        return -fine_stretch(1 - p)
    place = p * 4096
    i = int(place)
    return WIDE[i] + (place - i) * (WIDE[i + 1] - WIDE[i])


def fine_stretch(p):
    if not p > 0:
        return -11.0
    place = p * 131072
    i = int(place)
    z = FINE[i] + (place - i) * (FINE[i + 1] - FINE[i])
    return -11.0 if z < -11 else z


def clamp(z):
    return 11.0 if z > 11 else -11.0 if z < -11 else z


# Vectors (9) and predictors (10)


def total(numbers):
    """One after the other, from 0."""
    return reduce(add, numbers, 0.0)


def dot(a, b):
    products = list(map(mul, a, b))
    s0, s1 = reduce(add, products[::4], 0.0), reduce(add, products[1::4], 0.0)
    s2, s3 = reduce(add, products[2::4], 0.0), reduce(add, products[3::4], 0.0)
    return (s0 + s2) + (s1 + s3)


def add_scaled(a, b, f):
    a[:] = [x + f * y for x, y in zip(a, b)]


class Nlms:
    def __init__(self, n, mu):
        self.w, self.mu, self.prediction = [0.0] * n, mu, 0.0

    def predict(self, x):
        self.prediction = dot(self.w, x)
        return self.prediction

    def learn(self, x, target, power, share):
        error = share * (target - self.prediction)
        add_scaled(self.w, x, (self.mu * error) / (1 + power))


class Rls:
    def __init__(self, n, forgetting, spread):
        self.n, self.forgetting, self.spread = n, forgetting, spread
        self.age, self.prediction = 0, 0.0
        self.begin()

    def begin(self):
        self.w, self.h, self.c, self.gain = [0.0] * self.n, [0.0] * self.n, 1.0, 0.0
        # The lower triangle, row by row.
        self.s = [[0.0] * i + [self.spread] for i in range(self.n)]

    def predict(self, x):
        self.prediction = dot(self.w, x)
        return self.prediction

    def learn(self, x, target, noise):
        self.h = self.update(self.h, x)
        q = self.c * dot(self.h, x)
        error = target - self.prediction
        if not (q >= 0 and q < 1e30 and error * error < 1e30):
            self.begin()
            return
        self.gain = self.c / (self.forgetting * noise + q)
        add_scaled(self.w, self.h, error * self.gain)
        self.c = self.c / self.forgetting
        self.age += 1
        if self.age == 64:
            self.age = 0
            self.bound()

    def update(self, old, x):
        s, h = self.s, [0.0] * self.n
        for i in range(0, self.n, 2):
            f0, f1 = self.gain * old[i], self.gain * old[i + 1]
            x0, x1 = x[i], x[i + 1]
            # Whole rows at a time: numbers of one row do not depend on each other.
            row0 = list(map(sub, s[i], map(mul, repeat(f0), old[: i + 1])))
            row1 = list(map(sub, s[i + 1], map(mul, repeat(f1), old[: i + 2])))
            s[i], s[i + 1] = row0, row1
            before = x[:i]
            products0, products1 = list(map(mul, row0, before)), list(map(mul, row1, before))
            both = map(add, map(mul, row0, repeat(x0, i)), map(mul, row1, repeat(x1)))
            h[:i] = map(add, h[:i], both)
            d, e, g = row0[i], row1[i], row1[i + 1]
            a0, b0 = reduce(add, products0[::2], 0.0), reduce(add, products0[1::2], 0.0)
            a1, b1 = reduce(add, products1[::2], 0.0), reduce(add, products1[1::2], 0.0)
            h[i] = h[i] + ((a0 + b0) + (d * x0 + e * x1))
            h[i + 1] = h[i + 1] + ((a1 + b1) + (e * x0 + g * x1))
        return h

    def bound(self):
        trace = total(self.s[i][i] for i in range(self.n)) * self.c
        most = self.n * (self.spread * 100)
        if trace > most:
            self.c = self.c * (most / trace)
        if self.c < 1e60:
            return
        self.s = [[x * self.c for x in row] for row in self.s]
        self.gain = self.gain * self.c
        self.c = 1.0

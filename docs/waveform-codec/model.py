"""The model of the waveform codec: predictions, questions, probabilities, habits, learning.

Numbers in parentheses name the sections of waveform-codec.md.
"""
from math import floor

from arithmetic import Nlms, Rls, add_scaled, clamp, dot, squash, stretch, tail, total

LIGHT, LIVE, BEST = 0, 1, 2
LOWEST, HIGHEST = -2147483648, 2147483647

# A lead and its predictions (11)


def held(value):
    if not value > LOWEST:
        return float(LOWEST)
    return float(HIGHEST) if value > HIGHEST else value


class Shape:
    def __init__(self, leads, own, each, most):
        others = min(leads - 1, 11)
        while each > 1 and own + each * others > most:
            each -= 1
        self.own, self.each, self.others = own, each, others
        self.size = (own + each * others + 3) // 4 * 4

    def gather(self, history, place):
        x = history[32 * place : 32 * place + self.own]
        around = list(range(place - 1, -1, -1)) + list(range(place + 1, len(history) // 32))
        for other in around[: self.others]:
            x = x + history[32 * other : 32 * other + self.each]
        return x + [0.0] * (self.size - len(x))


class Lead:
    def __init__(self, profile, leads, place):
        self.is_light, self.place = profile == LIGHT, place
        self.last, self.samples = 0.0, 0
        self.means, self.errors = [0.0] * 12, [0.0] * 16
        self.quick, self.middle, self.slow = [4.0] * 12, [4.0] * 12, [4.0] * 12
        self.few_shape = Shape(leads, 4, 2, 28)
        self.some_shape = Shape(leads, 16, 3, 52)
        self.brisk = Rls(self.few_shape.size, 0.998, 1.0)
        self.first = Nlms(self.some_shape.size, 0.1)
        self.stage = Rls(12, 0.9995, 0.1)
        self.stage.w[:6] = [0.5 if self.is_light else 0.16666666666666666] * 6
        if self.is_light:
            return
        self.phase_shape = Shape(leads, 12, 1, 28)
        self.many_shape = Shape(leads, 32, 31, 120 if profile == BEST else 76)
        self.steady = Rls(self.some_shape.size, 0.9995, 1.0)
        self.broad = Rls(self.many_shape.size, 0.9999, 0.1)
        self.fifths = [Rls(self.phase_shape.size, 0.9995, 1.0) for _ in range(5)]
        self.eighths = [Rls(self.phase_shape.size, 0.9995, 1.0) for _ in range(8)]
        self.second = Nlms(self.some_shape.size, 0.02)
        self.whole = Nlms(32 * leads, 0.005)
        self.mend = Nlms(32, 0.2)
        self.habits = Habits()

    def predict(self, history, latest):
        z = [0.0] * 12
        self.some = self.some_shape.gather(history, self.place)
        self.few = self.few_shape.gather(history, self.place)
        z[1] = self.brisk.predict(self.few)
        z[2] = self.first.predict(self.some)
        z[6] = history[32 * self.place]
        mended = 0.0
        if not self.is_light:
            self.many = self.many_shape.gather(history, self.place)
            self.phase = self.phase_shape.gather(history, self.place)
            self.fifth, self.eighth = self.fifths[self.samples % 5], self.eighths[self.samples % 8]
            before = latest[: self.place][::-1][:16]
            self.inputs = self.errors + before + [0.0] * (16 - len(before))
            z[0] = self.steady.predict(self.some)
            z[3] = self.second.predict(self.some)
            z[4] = self.whole.predict(history)
            z[5] = self.broad.predict(self.many)
            z[7] = self.fifth.predict(self.phase)
            z[8] = self.eighth.predict(self.phase)
            mended = self.mend.predict(self.inputs)
        leading = self.stage.predict(z)
        differences = [leading] + z[:7] + [0.0, leading + mended, z[7], z[8]]
        self.means = [held(self.last + difference) for difference in differences]
        self.z = z

    def spread(self, which):
        return 0.2 * self.quick[which] + 0.4 * self.middle[which] + 0.4 * self.slow[which]

    def learn(self, history, value, surprise):
        """(15)"""
        d = value - self.last
        error = value - self.means[0]
        off = (0.2 * self.slow[0] + 0.8 * self.quick[0]) * 1.25 + 0.1
        noise = off * off * (0.5 + 0.5 * surprise)
        squared = error * error
        share = noise / (noise + squared)
        power = dot(self.some, self.some)
        self.stage.learn(self.z, d, noise + squared)
        self.brisk.learn(self.few, d, noise)
        self.first.learn(self.some, d, power, share)
        if not self.is_light:
            self.steady.learn(self.some, d, noise + 0.1 * squared)
            self.broad.learn(self.many, d, noise + squared)
            self.fifth.learn(self.phase, d, noise)
            self.eighth.learn(self.phase, d, noise)
            self.mend.learn(self.inputs, error, dot(self.inputs, self.inputs), 1.0)
            self.second.learn(self.some, d, power, 1.0)
            self.whole.learn(history, d, dot(history, history), share)
            self.errors = [error] + self.errors[:15]
        self.samples += 1
        for averages, rate in ((self.quick, 0.25), (self.middle, 0.03), (self.slow, 0.003)):
            rate = max(rate, 1 / (self.samples + 1))
            for i, mean in enumerate(self.means):
                averages[i] = averages[i] + rate * (abs(value - mean) - averages[i])
        self.last = value


# Habits (14)

MODULI = (2, 5, 5, 4, 5)


def odds(a, b):
    return stretch((a + 1e-9) / (a + b + 2e-9))


class Habits:
    def __init__(self):
        self.counts = [[[0.4] * m for _ in range(16)] for m in MODULI]
        self.seen = [0.0] * 4096
        # The sums of 13 of them, whole numbers, so that their order does not matter.
        self.around = [0.0] * 4096
        self.past = []

    def choose(self, samples, others):
        odd = [value % 2 for value in self.past[:2]] + [0, 0]
        five = [1 if value % 5 == 0 else 0 for value in self.past[:5]] + [0] * 5
        self.context = (
            odd[0] + 2 * odd[1],
            samples % 5,
            others + 4 * five[4],
            samples % 4,
            five[0] + 2 * five[1] + 4 * five[2] + 8 * five[3],
        )

    def prepare(self, center, mean, spread):
        self.reach = min(40, int(4 * (spread if spread < 100 else 100)) + 8)
        self.near, self.end = 0, self.reach
        weights = []
        for counts, context, m in zip(self.counts, self.context, MODULI):
            factor = m / total(counts[context])
            weights.append([count * factor for count in counts[context]])
        sharpness = 1.386 / (spread + 0.03)
        first = int(center)
        self.up = self.sums(range(first, first + self.reach), center - 0.5 - mean, sharpness, weights)
        down = range(first - 1, first - 1 - self.reach, -1)
        self.down = self.sums(down, mean - (center - 0.5), sharpness, weights)

    def sums(self, values, distance, sharpness, weights):
        """Cumulative sums of the six habits, then the plain ones."""
        edge = distance * sharpness
        before = tail(edge)
        sums = [[0.0] for _ in range(7)]
        for value in values:
            edge = edge + sharpness
            after = tail(edge)
            mass = before - after + 1e-12
            before = after
            factors = [row[value % m] for row, m in zip(weights, MODULI)]
            factors.append((self.seen[value % 4096] + 2) / (self.around[value % 4096] / 13 + 2))
            for habit, factor in zip(sums, factors):
                habit.append(habit[-1] + mass * factor)
            sums[6].append(sums[6][-1] + mass)
        return sums

    def ask_side(self):
        answers = [odds(up[self.reach], down[self.reach]) for up, down in zip(self.up, self.down)]
        return [answer - answers[6] for answer in answers[:6]]

    def ask(self, up, mid):
        if mid >= self.reach:
            return [0.0] * 6
        near, end = self.near, self.end
        answers = [odds(one[end] - one[mid], one[mid] - one[near]) for one in (self.up if up else self.down)]
        return [answer - answers[6] for answer in answers[:6]]

    def answered(self, beyond, mid):
        if beyond:
            self.near = mid
        else:
            self.end = min(self.reach, mid)

    def learn(self, value):
        for counts, context, m in zip(self.counts, self.context, MODULI):
            row = counts[context]
            row[value % m] = row[value % m] + 1
            if row[value % m] > 500:
                row[:] = [count * 0.5 for count in row]
        self.seen[value % 4096] += 1
        for near in range(value - 6, value + 7):
            self.around[near % 4096] += 1
        self.past = [value] + self.past[:4]


# The probability of an answer (13)

START_FULL = (
    (0.1, -0.08, 0.14, -0.01, 0.04, -0.12, 0.05, 0.1, 0.82, -0.01, 0.04, 0.19,
     -0.01, 0, 0, 0.07, 0.48, 0.01, 0.16, 0.1, 0.28, 0.25, 0, 0),
    (0.27, 0.18, 0.18, -0.06, 0.1, -0.26, 0.03, 0.05, 0.42, 0.03, -0.05, 0.24,
     0.08, 0, 0, -0.03, 0.37, -0.16, 0.16, 0.04, 0.2, 0.11, 0, 0),
)  # fmt: skip
START_LIGHT = (
    (0.25, -0.08, 0.18, 0.47, 0.41, 0.02, 0.1, 0.06),
    (0.32, 0.04, 0.23, 0.38, 0.15, 0.05, -0.03, -0.1),
)
OPINIONS_FULL = [(0, "quick"), (0, "slow"), (0, "surprised")] + [(p, "spread") for p in range(1, 10)]
OPINIONS_FULL += [(9, "quick"), (10, "spread"), (11, "spread")]
OPINIONS_LIGHT = OPINIONS_FULL[:3] + [(p, "spread") for p in (2, 3, 7, 8)]


class Mixer:
    def __init__(self, contexts, start):
        self.start, self.contexts = start, contexts
        self.sets = [{} for _ in range(contexts)]
        share = [1 / contexts] * contexts + [0.0] * (8 - contexts)
        self.v = [list(share) for _ in range(4)]

    def mix(self, inputs, chosen, question):
        self.inputs, self.question = inputs, question
        row = self.start[0 if question == 0 else 1]
        # A set is [its weights, uses].
        self.chosen = [one.setdefault(which, [list(row), 0.0]) for one, which in zip(self.sets, chosen)]
        self.votes = [clamp(dot(w, inputs)) for w, _ in self.chosen] + [0.0] * (8 - self.contexts)
        self.z = clamp(dot(self.v[question], self.votes))
        self.p = squash(self.z)

    def learn(self, bit):
        for one, vote in zip(self.chosen, self.votes):
            add_scaled(one[0], self.inputs, (bit - squash(vote)) * (0.01 + 0.07 / (1 + one[1])))
            one[1] = one[1] + 0.02
        add_scaled(self.v[self.question], self.votes, (bit - self.p) * 0.002)


START_CURVE = [squash((i - 12) * 0.6) for i in range(25)]


class Refinement:
    def __init__(self):
        self.curves = {}

    def refine(self, z, context):
        if context not in self.curves:
            self.curves[context] = list(START_CURVE)
        self.curve = self.curves[context]
        place = z / 0.6 + 12
        place = 0.0 if not place > 0 else min(place, 23.999)
        self.i = int(place)
        self.right = place - self.i
        return self.curve[self.i] * (1 - self.right) + self.curve[self.i + 1] * self.right

    def learn(self, bit):
        left, right = self.curve[self.i], self.curve[self.i + 1]
        self.curve[self.i] = left + 0.01 * (1 - self.right) * (bit - left)
        self.curve[self.i + 1] = right + 0.01 * self.right * (bit - right)


def not_above(limits, x):
    return len([limit for limit in limits if not limit > x])


def ratio(r):
    return not_above((0.5, 0.75, 1, 1.3, 1.8, 2.5, 4), r)


class Model:
    """All leads of a packet or a chain (6)."""

    def __init__(self, profile, leads):
        self.is_light = profile == LIGHT
        self.history, self.latest, self.surprise = [0.0] * (32 * leads), [0.0] * leads, 1.0
        self.leads = [Lead(profile, leads, place) for place in range(leads)]
        self.opinions = OPINIONS_LIGHT if self.is_light else OPINIONS_FULL
        self.mixer = Mixer(5, START_LIGHT) if self.is_light else Mixer(8, START_FULL)
        self.by_node, self.by_lead = Refinement(), Refinement()

    def run(self, coder, count, known=None):
        """Decodes `count` values of each lead, or learns from the `known` ones."""
        values = [[] for _ in self.leads]
        for n in range(count):
            self.instant = []
            for lead in self.leads:
                given = known[lead.place][n] if known else 0
                values[lead.place].append(self.code(coder, lead, given))
        return values

    def code(self, coder, lead, given):
        """One value (12)."""
        if lead.samples == 0:
            value = self.code_first(coder, given)
            lead.last, lead.samples = float(value), 1
            return value
        lead.predict(self.history, self.latest)
        spread = lead.spread(0)
        value = self.code_around(coder, lead, spread, given)
        off = abs(value - lead.means[0]) / (spread + 0.1)
        self.surprise = 0.7 * self.surprise + 0.3 * (off if off < 6 else 6)
        if not self.is_light:
            lead.habits.learn(value)
            self.instant.append(value % 5 == 0)
        self.latest[lead.place] = value - lead.means[0]
        difference = value - lead.last
        lead.learn(self.history, float(value), self.surprise)
        at = 32 * lead.place
        self.history[at : at + 32] = [difference] + self.history[at : at + 31]
        return value

    def code_first(self, coder, given):
        sign = coder.bit(0.5, 1 if given < 0 else 0)
        given, size, width = abs(given), 0, 0
        for b in range(5, -1, -1):
            width = 2 * width + coder.bit(0.5, (given.bit_length() >> b) & 1)
        if width > 0:
            size = 1
        for b in range(width - 2, -1, -1):
            size = 2 * size + coder.bit(0.5, (given >> b) & 1)
        return max(LOWEST, min(HIGHEST, -size if sign else size))

    def code_around(self, coder, lead, spread, given):
        center = floor(lead.means[0] + 0.5)
        step, bits = 1, 0
        while step < spread and bits < 30:
            step, bits = step * 2, bits + 1
        self.prepare(lead, center, spread, step)
        up = self.ask_side(coder, lead, center, 1 if given >= center else 0)
        side = 1 if up else -1

        def ask(edge, node):
            is_beyond = given >= edge if up else given < edge
            return self.ask(coder, lead, center, edge, node, 1 if is_beyond else 0)

        near, node = center, 1
        edge = near + side * step
        while ask(edge, node) == 1:
            near = edge
            if node == 20:
                step, bits = step * 2, bits + 1
                if bits == 35:
                    break
            else:
                node += 1
            edge = near + side * step
        first = 44 if node == 1 else 24
        while bits > 0:
            step, bits = step // 2, bits - 1
            edge = near + side * step
            if ask(edge, first + min(bits, 18)) == 1:
                near = edge
        return max(LOWEST, min(HIGHEST, near if up else near - 1))

    def prepare(self, lead, center, spread, step):
        """What is the same for all questions about a value."""
        mean = lead.means[0]
        self.side, self.up = 1, 1
        self.states = []
        for which, kind in self.opinions:
            wide = {
                "quick": lead.quick[which],
                "slow": lead.slow[which],
                "surprised": (0.5 * lead.middle[which] + 0.5 * lead.slow[which]) * self.surprise,
                "spread": lead.spread(which),
            }[kind]
            # Its mean, its sharpness, near, far.
            self.states.append([lead.means[which], 1.386 / (wide + 0.03), 1.0, 0.0])
        self.size, most = 0, 0.1
        while self.size < 31 and spread > most:
            self.size, most = self.size + 1, most * 1.41
        if self.is_light:
            return
        quick, slow = lead.quick[0], lead.slow[0]
        self.ratios = 8 * ratio((quick + 0.05) / (slow + 0.05)) + ratio(self.surprise)
        self.fraction = 0 if step > 1 else int((mean - center + 0.5) * 6.99) + 1
        limits = (-0.6, -0.25, -0.1, 0, 0.1, 0.25, 0.6)
        far = [not_above(limits, (lead.means[i] - mean) / (spread + 0.1)) for i in (1, 5)]
        self.fars = 8 * far[0] + far[1]
        fives = self.instant
        others = 0 if not fives else 1 if not any(fives) else 3 if all(fives) else 2
        lead.habits.choose(lead.samples, others)
        lead.habits.prepare(center, mean, spread)

    def ask_side(self, coder, lead, center, bit):
        inputs, beyonds = self.weigh(center)
        up = self.code_bit(coder, lead, inputs, [] if self.is_light else lead.habits.ask_side(), 0, bit)
        for state, beyond in zip(self.states, beyonds):
            state[2] = beyond if up else 1 - beyond
        self.side, self.up = (1, 1) if up else (-1, 0)
        return up

    def ask(self, coder, lead, center, edge, node, bit):
        inputs, beyonds = self.weigh(edge)
        mid = min(abs(edge - center), 1000)
        habits = [] if self.is_light else lead.habits.ask(self.up, mid)
        answer = self.code_bit(coder, lead, inputs, habits, node, bit)
        for state, beyond in zip(self.states, beyonds):
            state[2 if answer else 3] = beyond
        if not self.is_light:
            lead.habits.answered(answer, mid)
        return answer

    def weigh(self, edge):
        inputs, beyonds = [], []
        for mean, sharpness, near, far in self.states:
            beyond = tail((self.side * (edge - 0.5 - mean)) * sharpness)
            whole = near - far
            inputs.append(stretch((beyond - far) / whole) if whole > 1e-30 else 0.0)
            beyonds.append(beyond)
        return inputs, beyonds

    def code_bit(self, coder, lead, inputs, habits, node, bit):
        up, later, question = self.up, 1 if node > 0 else 0, min(node, 3)
        inputs = inputs + [0.5] + habits + ([] if self.is_light else [0.0, 0.0])
        chosen = [node + 64 * up, 2 * lead.place + later, 2 * self.size + later]
        if not self.is_light:
            chosen.append(2 * self.ratios + later)
            chosen.append(2 * (2 * self.fraction + later) + up)
            chosen.append(2 * self.fars + later)
        chosen += [2 * (lead.samples % 5) + later, 2 * (lead.samples % 4) + later]
        mixer = self.mixer
        mixer.mix(inputs, chosen, question)
        a = self.by_node.refine(mixer.z, node + 64 * up)
        b = self.by_lead.refine(mixer.z, 2 * (4 * lead.place + question) + up)
        answer = coder.bit(0.5 * mixer.p + 0.25 * (a + b), bit)
        mixer.learn(answer)
        self.by_node.learn(answer)
        self.by_lead.learn(answer)
        return answer

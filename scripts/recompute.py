#!/usr/bin/env python3
"""Computes every figure of a FirstFrame data folder again, from its journal and sample files alone: python3 scripts/recompute.py DIR

Written from docs/recompute.md and the pages it names, not from the program that it checks. Python 3.11, nothing to install.
Prints the object of docs/recompute.md. Exit 0: nothing is damaged and every published figure comes out the same; 1: not so; 2: usage."""
import datetime
import hashlib
import json
import math
import os
import sys

SECOND = 10**9


class Damage(Exception):
    """Something is not as it was written: where, and what."""


# ---------------------------------------------------------------- values


class Millionths(int):
    """Printed as a decimal."""


def half_even(value, by):
    quotient, rest = divmod(value, by)
    return quotient + (2 * rest > by or (2 * rest == by and quotient % 2 == 1))


def millionths(part, whole):
    return None if whole is None or part is None or whole <= 0 else half_even(part * 10**6, whole)


def seconds(ns):
    return None if ns is None else Millionths(half_even(ns, 1000))


def quoted(text):
    short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(short.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text) + '"'


def canonical(value):
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Millionths):
        whole, fraction = divmod(abs(int(value)), 10**6)
        return "-" * (value < 0) + str(whole) + (f".{fraction:06}".rstrip("0") if fraction else "")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return "{" + ",".join(f"{quoted(k)}:{canonical(value[k])}" for k in sorted(value, key=str.encode)) + "}"


def same(a, b):  # 1 and true are not the same
    return canonical(a) == canonical(b)


def agrees(published, made):  # all that was published comes out the same, to any depth
    if isinstance(published, dict) and isinstance(made, dict):
        return all(agrees(value, made.get(name)) for name, value in published.items())
    if isinstance(published, list) and isinstance(made, list):
        return len(published) == len(made) and all(map(agrees, published, made))
    return same(published, made)


def integer(value):
    return value if type(value) is int else None


def text(value):
    return value if isinstance(value, str) else None


def member(value, *path):
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def items(value):
    return value if isinstance(value, list) else []


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# ---------------------------------------------------------------- journal

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
Q = 2**252 + 27742317777372353535851937790883648493


def recover(data):  # RFC 8032 §5.1.3
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - xx) % P or (x == 0 and sign):
        return None
    x = P - x if x % 2 != sign else x
    return (x, y, 1, x * y % P)


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(n, p):
    result = (0, 1, 1, 0)
    while n:
        result, p, n = add(result, p) if n & 1 else result, add(p, p), n >> 1
    return result


def signature_holds(key, signature, message):
    r, a, s = recover(signature[:32]), recover(key), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or len(key) != 32 or r is None or a is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % Q
    left, right = times(s, recover((4 * pow(5, -1, P) % P).to_bytes(32, "little"))), add(r, times(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def parse(data, where):
    try:
        value = json.loads(data)
    except ValueError as error:
        raise Damage(f"{where}: malformed: {error}")
    if not isinstance(value, dict):
        raise Damage(f"{where}: malformed: not an object")
    return value


def read_journal(folder):
    names = sorted(n for n in os.listdir(folder + "/journal") if n.startswith("journal-") and n.endswith(".jsonl"))
    facts, seq, previous = [], 0, "0" * 64
    for index, name in enumerate(names, 1):
        if name != f"journal-{index:06}.jsonl":
            raise Damage(f"journal/journal-{index:06}.jsonl:0: byte 0: missingFile: the file is not there")
        offset = 0
        with open(f"{folder}/journal/{name}", "rb") as file:
            for number, line in enumerate(file, 1):
                where = f"journal/{name}:{number}: byte {offset}"
                if not line.endswith(b"\n"):
                    raise Damage(f"{where}: tornTail: {len(line)} bytes without a line feed")
                fact = parse(line, where)
                if fact.get("v") != 1 or any(text(fact.get(k)) is None for k in ("node", "boot", "wall", "kind", "prev")) or any(
                        integer(fact.get(k)) is None for k in ("seq", "boottimeNs")):
                    raise Damage(f"{where}: malformed: the envelope is not whole")
                if fact["seq"] != seq + 1:
                    raise Damage(f"{where}: sequence: number {fact['seq']} where {seq + 1} belongs")
                if fact["prev"] != previous:
                    raise Damage(f"{where}: changed: its prev is not the hash of the line before: one of the two was changed")
                seq, previous, offset = seq + 1, sha256(line), offset + len(line)
                fact["#"] = previous
                facts.append(fact)
    if not facts:
        raise Damage("journal/journal-000001.jsonl:0: byte 0: missingFile: there are no facts")
    check_head(folder, facts, names[-1])
    return facts


def check_head(folder, facts, last):
    path, newest = folder + "/journal/heads.jsonl", None
    for number, line in enumerate(open(path, "rb") if os.path.exists(path) else [], 1):
        where = f"journal/heads.jsonl:{number}: byte 0"
        if not line.endswith(b"\n"):
            raise Damage(f"{where}: tornTail: {len(line)} bytes without a line feed")
        head = parse(line, where)
        if newest is None or head.get("seq", 0) >= newest[0].get("seq", 0):
            newest = (head, where)
    if newest is None:
        return
    head, where = newest
    try:
        signed = "FirstFrame head v1\n" + "".join(f"{n}={head[n]}\n" for n in "chain node boot seq hash boottimeNs wall key".split())
        good = signature_holds(bytes.fromhex(head["key"]), bytes.fromhex(head["signature"]), signed.encode())
    except (KeyError, ValueError, TypeError):
        good = False
    if not good:
        raise Damage(f"{where}: headInvalid: the signature is not valid")
    if head["seq"] > len(facts):
        raise Damage(f"journal/{last}:0: byte {os.path.getsize(f'{folder}/journal/{last}')}: cutTail: a head knows of {head['seq']}, the last here is {len(facts)}")
    if facts[head["seq"] - 1]["#"] != head["hash"]:
        raise Damage(f"{where}: changed: the head was signed over other bytes")


# ---------------------------------------------------------------- sample files


def wrap(value):  # to a signed number of 64 bits
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)


COUNTERS = ("packetsExpected packetsReceived packetsDuplicated packetsReordered packetsLate packetsDiscarded packetsRecovered bytesReceived jitterNs "
            "jitterSumNs jitterCount jitterMaxNs packetsDecided bursts burstPackets burstLost decidedLost restarts").split()


class Cursor:
    def __init__(self, data, at, end):
        self.data, self.at, self.end = data, at, end

    def u(self):
        value = shift = 0
        while True:
            if self.at >= self.end or shift > 63:
                raise EOFError
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                if value >> 64:
                    raise EOFError
                return value

    def s(self):
        value = self.u()
        return (value >> 1) ^ -(value & 1)


def read_samples(folder, name):
    """The header, and the records in their order: ("frame", …), ("second", …), ("event", …)."""
    with open(f"{folder}/{name}", "rb") as file:
        data = file.read()
    end = data.find(b"\n")
    header = parse(data[:max(end, 0)], f"{name}:1: byte 0")
    if header.get("v") != 1 or header.get("format") != "firstframe.samples":
        raise Damage(f"{name}:1: byte 0: malformed: the header line is not whole")
    records, at, block, start, counted = [], end + 1, 0, None, [0, 0, 0]
    while at < len(data):
        where, c = f"{name}:{block + 1}: byte {at}", Cursor(data, at, len(data))
        try:
            kind, length = c.u(), c.u()
        except EOFError:
            raise Damage(f"{where}: tornTail: bytes that are no whole record")
        if c.at + length > len(data):
            raise Damage(f"{where}: tornTail: {len(data) - at} bytes that are no whole record")
        at, c = c.at + length, Cursor(data, c.at, c.at + length)
        if kind == 0 or (kind == 1) != (start is None):
            raise Damage(f"{where}: malformed: no record of kind {kind} can be here")
        try:
            if kind == 1:
                block, start = c.u(), c.s()
                frames, counters, now, errors, counted = {}, {}, start, 0, [0, 0, 0]
            elif kind == 2:
                track = c.u()
                number, stamp, arrival = frames.get(track, (0, 0, start))
                frames[track] = number, stamp, arrival = (number + c.s()) % (1 << 64), wrap(stamp + c.s()), wrap(arrival + c.s())
                last, size, flags, _ = wrap(arrival + c.s()), c.u(), c.u(), c.u()
                records.append(("frame", track, stamp, arrival, last, size, flags))
                counted[0] += 1
            elif kind == 3:
                now, present = wrap(now + c.s()), c.u()
                trip, lag, pressure = [c.s() if present & bit else None for bit in (1, 2, 4)]
                errors, width, tracks = wrap(errors + c.s()), c.u(), {}
                for _ in range(c.u()):
                    track = c.u()
                    counters[track] = [wrap(before + c.s()) for before in (counters.get(track) or [0] * width)]
                    tracks.setdefault(track, dict(zip(COUNTERS, counters[track])))
                readings = tuple(wrap(c.u()) for _ in range(2)) if c.at < c.end else (0, 0)
                records.append(("second", now, trip, lag, pressure, errors, tracks, readings))
                counted[1] += 1
            elif kind == 4:
                records.append(("event", wrap(start + c.s()), c.u(), c.u(), c.s(), c.s(), c.s()))
                counted[2] += 1
            elif kind == 6:
                c.s()
                if [c.u(), c.u(), c.u()] != counted:
                    raise Damage(f"{where}: malformed: the block's end counts other records than there are")
                start = None
        except EOFError:
            raise Damage(f"{where}: malformed: a record of kind {kind} is too short")
    return header, records


def check_samples(folder, facts):
    """Every sample file's name, after each was held against the facts about it."""
    root, claims = folder + "/samples", {}
    days = sorted(os.listdir(root)) if os.path.isdir(root) else []
    names = {f"samples/{day}/{n}" for day in days if os.path.isdir(f"{root}/{day}") for n in os.listdir(f"{root}/{day}") if n.endswith(".ffs")}
    for fact in facts:
        if fact["kind"] == "samples.block" and text(fact.get("file")):
            claims.setdefault(fact["file"], []).append(fact)
    for name in sorted(names | set(claims), key=str.encode):
        if not os.path.isfile(f"{folder}/{name}"):
            raise Damage(f"{name}:0: byte 0: missingFile: the file is not there")
        with open(f"{folder}/{name}", "rb") as file:
            data, end = file.read(), 0
        for claim in claims.get(name, []):
            where = f"{name}:{claim['index'] + 1}: byte"
            if claim["offset"] != end:
                raise Damage(f"{where} {end}: sequence: fact {claim['seq']} begins at {claim['offset']}")
            end += claim["bytes"]
            if end > len(data):
                raise Damage(f"{where} {len(data)}: cutTail: fact {claim['seq']} knows of {end} bytes")
            if sha256(data[claim["offset"]:end]) != claim["sha256"]:
                raise Damage(f"{where} {claim['offset']}: changed: block {claim['index']}, {claim['bytes']} bytes, is not the one of fact {claim['seq']}")
    return sorted(names, key=str.encode)


# ---------------------------------------------------------------- windows


def quantiles(values):
    if not values:
        return None
    ranked = sorted(values)
    at = {name: ranked[max(1, -(-len(ranked) * ppm // 10**6)) - 1] for name, ppm in (("p50", 500000), ("p95", 950000), ("p99", 990000), ("p999", 999000))}
    return {"count": len(ranked), "maximum": ranked[-1], **at}


def greatest(values):
    return max((v for v in values if v is not None), default=None)


class Spans:
    """When one of black, frozen, silent was so."""

    def __init__(self, least):
        self.least, self.ended, self.open, self.judged = least, [], None, False

    def apply(self, value, at):
        self.judged = self.judged or value in (0, 1)
        if value == 1 and self.open is None:
            self.open = at
        if value == 0:
            if self.open is not None and self.open < at:
                self.ended.append((self.open, at))
            self.open = None

    def window(self, a, b):
        if not self.judged:
            return None, None
        spans = [(begin, min(end, b)) for begin, end in self.ended + ([(self.open, b)] if self.open is not None else []) if min(end, b) > max(begin, a)]
        return sum(end - max(begin, a) for begin, end in spans), max((end - begin for begin, end in spans), default=0) >= self.least


class Session:
    """One session's windows from its samples."""

    def __init__(self, header):
        tracks = header["tracks"]
        self.header, self.audio = header, {t["index"] for t in tracks if t["kind"] != "video"}
        first = next((t for t in tracks if t["kind"] == "video"), tracks[0] if tracks else {})
        self.primary, self.clock = first.get("index"), max(1, first.get("clockRate", 90000))
        self.nominal, self.width, self.height = first.get("nominalFrameRateMilli"), first.get("width"), first.get("height")
        self.rate, self.anchored_at, self.before = self.valid(self.nominal), None, 0
        self.totals = dict.fromkeys("received clean damaged keys bytes reordered jumps shown late audio looks dark".split(), 0)
        self.gop = self.since_key = self.longest_gop = self.depth = self.depth_before = 0
        self.base = self.highest = self.last = self.last_shown = self.peak = None
        self.x, self.waiting, self.steps, self.freezes, self.transits = [], [], [], [], []
        self.spans = {"black": Spans(2 * SECOND), "frozen": Spans(10 * SECOND), "silent": Spans(10 * SECOND)}
        self.marks, self.opened, self.windows, self.closed = [], 0, [], False

    @staticmethod
    def valid(rate):
        return rate if rate is not None and 1 <= rate <= 10**6 else None

    def expected(self, t):
        if self.rate is None:
            return None
        if self.anchored_at is None or t <= self.anchored_at:
            return self.before
        return self.before - (-(t - self.anchored_at) * self.rate // 10**12)

    def run(self, records):
        for record in records:
            if not self.closed:
                getattr(self, record[0])(*record[1:])
        return self.windows

    def frame(self, track, stamp, first, last, size, flags):
        self.totals["audio"] += track in self.audio
        if track != self.primary:
            return
        media, totals = stamp * SECOND // self.clock, self.totals
        if self.last is None:
            if self.anchored_at is None:
                self.anchored_at = first
            jumped = anchor = True
        else:
            moved = media - self.last[0]
            jumped = abs(moved) > 5 * SECOND and abs(moved - (first - self.last[1])) > 5 * SECOND
            totals["jumps"] += jumped
            anchor = jumped or flags & 4
        if anchor:
            self.a, self.m, self.base, self.highest = first, media, first - media, None
        totals["received"] += 1
        totals["bytes"] += size
        totals["clean"] += flags >> 4 & 1
        totals["damaged"] += flags >> 1 & 1
        if self.highest is not None and media < self.highest:
            totals["reordered"] += 1
            self.depth = max(self.depth, self.highest - media)
        self.highest = media if self.highest is None else max(self.highest, media)
        if flags & 1:
            if totals["keys"]:
                self.gop = self.since_key + 1
                self.longest_gop = max(self.longest_gop, self.gop)
            totals["keys"] += 1
            self.since_key = 0
        else:
            self.since_key += 1
        self.x.append((first - self.a) - (media - self.m))
        self.show(last)
        if flags & 16:
            deadline = self.base + media + SECOND
            if last > deadline:
                totals["late"] += 1
            else:
                at = len(self.waiting)
                while at and self.waiting[at - 1] > deadline:
                    at -= 1
                self.waiting.insert(at, deadline)
        self.last = (media, first)

    def threshold(self):
        if not self.steps:
            return None
        average = sum(self.steps) // len(self.steps)
        return max(3 * average, average + 150_000_000)

    def show(self, now):
        while self.waiting and self.waiting[0] <= now:
            at = self.waiting.pop(0)
            self.totals["shown"] += 1
            if self.last_shown is None:
                self.last_shown = at
            elif at > self.last_shown:
                step, limit = at - self.last_shown, self.threshold()
                if limit is not None and step >= limit:
                    self.freezes.append((self.last_shown, at))
                self.last_shown = at
                self.steps = self.steps[-29:] + [step]

    def second(self, now, trip, lag, pressure, errors, tracks, readings):
        least = None
        if self.marks:
            before = self.marks[-1]
            first = next(i for i in range(len(self.marks)) if i == self.opened or self.marks[i + 1]["at"] > before["at"] - 60 * SECOND)
            since = self.marks[first - 1]["x"] if first else 0
            self.show(now)
            if self.x[since:]:
                off = self.a - self.m + min(self.x[since:]) - self.base
                if abs(off) > 50_000_000:
                    most = max(0, now - before["at"]) // 10**6 * 500
                    self.base += min(max(off, -most), most)
        self.marks.append({"at": now, "trip": trip, "lag": lag, "pressure": pressure, "errors": errors, "tracks": tracks, "readings": readings, "totals": dict(self.totals),
                           "expected": self.expected(now), "x": len(self.x), "transits": len(self.transits), "gop": self.longest_gop, "depth": self.depth, "peak": self.peak})
        self.longest_gop, self.depth, self.peak = 0, 0, None
        if len(self.marks) > 1 and now - self.marks[self.opened]["at"] >= 60 * SECOND:
            self.close()

    def event(self, at, kind, track, one, two, three):
        if kind == 1 and track == self.primary:
            self.width, self.height, self.nominal = (v if v > 0 else None for v in (one, two, three))
            rate = self.valid(self.nominal)
            if rate != self.rate:
                count = self.expected(at)
                if count is not None:
                    self.before, self.anchored_at = count, at if self.anchored_at is None else max(at, self.anchored_at)
                self.rate = rate
        elif kind in (2, 3):
            self.close()
            self.closed = kind == 3
        elif kind == 4:
            for name, value in zip(("black", "frozen", "silent"), (one, two, three)):
                self.spans[name].apply(value, at)
        elif kind == 5:
            self.totals["looks"] += 1
            self.totals["dark"] += one >= 980 and two >= 100
        elif kind == 6:
            self.peak = two if self.peak is None else max(self.peak, two)
        elif kind == 7:
            self.transits.append((wrap(at - one + two), wrap(at - one + three)))

    def close(self):
        if len(self.marks) - 1 <= self.opened:
            return
        a, b, between = self.marks[self.opened], self.marks[-1], self.marks[self.opened + 1:]
        self.opened, start, end = len(self.marks) - 1, a["at"], b["at"]
        span, header = end - start, self.header
        delta = {name: sum(now[name] - a["tracks"].get(track, {}).get(name, 0) for track, now in b["tracks"].items()) for name in COUNTERS}
        frames = {name: b["totals"][name] - a["totals"][name] for name in b["totals"]}
        w = {name: header[name] for name in ("stream", "hop", "session", "method")}
        w.update({"index": len(self.windows), "fromNs": start, "toNs": end, "start": start})
        w.update({name: delta[name] for name in COUNTERS if not name.startswith("jitter") and name != "restarts"})
        if header["method"] == "tcp":
            w["packetsReordered"] = None
        lost = w["packetsLost"] = delta["packetsExpected"] - delta["packetsReceived"]
        w["rawLossPPM"] = None if header["method"] == "tcp" else millionths(max(0, lost + delta["packetsRecovered"]), delta["packetsExpected"])
        w["residualLossPPM"] = millionths(max(0, lost), delta["packetsExpected"])
        w["burstDensityPPM"] = millionths(delta["burstLost"], delta["burstPackets"])
        w["gapDensityPPM"] = millionths(delta["decidedLost"] - delta["burstLost"], delta["packetsDecided"] - delta["burstPackets"])
        w["sequenceRestarts"] = delta["restarts"]
        rate = lambda count, scale: half_even(count * scale * SECOND, span) if span > 0 else None
        w["bitsPerSecond"] = rate(delta["bytesReceived"], 8)
        now, then = b["tracks"].get(self.primary, {}), a["tracks"].get(self.primary, {})
        count = now.get("jitterCount", 0) - then.get("jitterCount", 0)
        w["jitterMeanNs"] = half_even(now["jitterSumNs"] - then.get("jitterSumNs", 0), count) if count > 0 else None
        w["jitterMaximumNs"] = greatest(m["tracks"].get(self.primary, {}).get("jitterMaxNs") for m in between) if count > 0 else None
        x = self.x[a["x"]:b["x"]]
        w["delayVariationNs"] = quantiles([value - min(x) for value in x] if x else [])
        passed = self.transits[a["transits"]:b["transits"]]
        w["oneWayDelayLowNs"], w["oneWayDelayHighNs"] = quantiles([low for low, _ in passed]), quantiles([high for _, high in passed])
        w["roundTripNs"] = quantiles([m["trip"] for m in between if m["trip"] is not None])
        begun = a["expected"] if a["expected"] is not None else self.expected(start) or 0
        due = w["framesExpected"] = None if b["expected"] is None else max(0, b["expected"] - begun)
        for name, source in (("framesReceived", "received"), ("framesClean", "clean"), ("framesDamaged", "damaged"), ("framesLate", "late"), ("framesShown", "shown"), (
                "keyFrames", "keys"), ("frameBytes", "bytes"), ("picturesReordered", "reordered"), ("timestampJumps", "jumps"), ("looks", "looks"), ("darkLooks", "dark")):
            w[name] = frames[source]
        w["keyFrameSeen"], w["audioFrames"] = b["totals"]["keys"] > 0, frames["audio"] if self.audio else None
        w["frameRateMilli"], w["cleanFrameRateMilli"] = rate(frames["received"], 1000), rate(frames["clean"], 1000)
        w["cleanRatioPPM"] = None if due is None else millionths(min(frames["clean"], due), due)
        w["gopFrames"], w["longestGOPFrames"] = self.gop or None, greatest(m["gop"] for m in between) or None
        depth = greatest(m["depth"] for m in between)
        w["reorderDepthNs"], self.depth_before = max(depth, self.depth_before), depth
        limit = self.threshold()
        running = [(self.last_shown, end)] if limit is not None and end - self.last_shown >= limit else []
        freezes = [(begin, min(stop, end)) for begin, stop in self.freezes + running if min(stop, end) > max(begin, start)]
        w["freezeCount"], w["freezeNs"] = len(freezes), sum(stop - max(begin, start) for begin, stop in freezes)
        w["freezeRatioPPM"], w["longestFreezeNs"] = millionths(w["freezeNs"], span), max((stop - begin for begin, stop in freezes), default=0)
        w["pauseCount"] = sum(stop - begin > 5 * SECOND for begin, stop in freezes)
        w["nominalFrameRateMilli"], w["width"], w["height"] = self.nominal, self.width, self.height
        for name, spans in self.spans.items():
            w[name + "Ns"], w[name] = spans.window(start, end)
        w["soundPeakMilliDecibel"], w["transportPriority1Errors"] = greatest(m["peak"] for m in between), None
        lag, errors = greatest(m["lag"] for m in between), max(0, b["errors"] - a["errors"])
        readings, late = (wrap(sum(m["readings"][i] for m in between)) for i in range(2))
        w["observer"] = {"probeLagP99Ns": lag, "readings": readings, "lateReadings": late, "receiveBufferErrors": errors, "cpuPressurePPM": greatest(m["pressure"] for m in between),
                         "limited": (100 * late > readings if readings else (lag or 0) > 20_000_000) or errors > 0}
        self.windows.append(w)


REASONS = "BLACK FREEZE LOWFPS LOWRES LOSS DELAY JITTER NOAUDIO CLOCKSKEW CORRUPT OFFLINE".split()
QUESTIONS = "observerLimited sampleTooSmall windowTooShort nominalRateUnknown resolutionUnknown roundTripUnknown oneWayDelayStraddles picturesReordered tooFewMinutes".split()


def judge(w, profile):
    """verdict, reasons, open, warnings of a window under a profile."""
    span, reasons, open_, metrics = w["toNs"] - w["fromNs"], set(), set(), profile["metrics"]
    limit = lambda name, key: integer(member(metrics, name, key))
    above = lambda value, most: value is not None and most is not None and value > most
    if w["observer"]["limited"]:
        open_.add("observerLimited")
    if span < profile["minimumWindowNs"]:
        open_.add("windowTooShort")
    if w["framesReceived"] == 0 or not w["keyFrameSeen"]:
        reasons.add("OFFLINE")
    else:
        judge_packets(w, limit, above, metrics, reasons, open_)
        judge_frames(w, limit, above, metrics, reasons, open_, span)
    warnings, between = [], limit("bitRateBetweenCentres", "warnBelowBitsPerSecond")
    least = between if w["hop"] == "centre" and between is not None else limit("bitRate", "warnBelowBitsPerSecond")
    if above(least, w["bitsPerSecond"]):
        warnings.append("bitRate")
    if w["frozen"]:
        warnings.append("frozenContent")
    verdict = "undetermined" if open_ & {"observerLimited", "windowTooShort"} else "fail" if reasons else "undetermined" if open_ else "pass"
    return {"verdict": verdict, "reasons": [r for r in REASONS if r in reasons], "open": [q for q in QUESTIONS if q in open_], "warnings": warnings,
            "notJudged": not_judged(w, profile)}


def not_judged(w, profile):
    metrics = profile["metrics"]
    known = {"lossBeforeRepair": w["rawLossPPM"], "residualLoss": w["residualLossPPM"], "delayVariationP999": None if w["method"] == "tcp" else w["delayVariationNs"],
             "roundTrip": w["roundTripNs"], "endToEndDelay": w["oneWayDelayLowNs"], "transportPriority1Errors": None}
    return ([name for name, figure in known.items() if isinstance(metrics.get(name), dict) and figure is None] + ["black"] * (w["black"] is None)
            + ["silence"] * (metrics.get("audioRequired") is True and w["silent"] is None))


def judge_packets(w, limit, above, metrics, reasons, open_):
    n, lost = w["packetsExpected"], w["packetsLost"]
    for count, p in ((max(0, lost), limit("residualLoss", "maximumPPM")), (max(0, lost + w["packetsRecovered"]), None if w["method"] == "tcp" else limit("lossBeforeRepair", "maximumPPM"))):
        if p is None or n <= 0:
            continue
        excess = count * 10**6 - n * p
        if n * p >= 3 * 10**6:
            reasons.update({"LOSS"} if excess > 0 else ())
        elif excess > 0 and excess * excess * 10**6 > 3_841_459 * n * p * (10**6 - p):
            reasons.add("LOSS")
        else:
            open_.add("sampleTooSmall")
    most = limit("delayVariationP999", "maximumNs")
    if w["method"] != "tcp" and most is not None and w["delayVariationNs"]:
        p999, depth = w["delayVariationNs"]["p999"], w["reorderDepthNs"]
        if p999 + 4 * depth > most:
            if depth:
                open_.add("picturesReordered")
            else:
                reasons.add("JITTER")
    most = limit("roundTrip", "maximumNs")
    if w["roundTripNs"]:
        reasons.update({"DELAY"} if above(w["roundTripNs"]["p95"], most) else ())
    elif most is not None and member(metrics, "roundTrip", "required") is True:
        open_.add("roundTripUnknown")
    low, high, most = w["oneWayDelayLowNs"], w["oneWayDelayHighNs"], limit("endToEndDelay", "maximumNs")
    if low:
        reasons.update({"CLOCKSKEW"} if high["p50"] < 0 else ())
        if above(low["p95"], most):
            reasons.add("DELAY")
        elif above(high["p95"], most):
            open_.add("oneWayDelayStraddles")


def judge_frames(w, limit, above, metrics, reasons, open_, span):
    clean, received, due = w["framesClean"], w["framesReceived"], w["framesExpected"]
    least = limit("cleanFrameRate", "minimumMilli")
    if least is not None:
        enough, share = (clean + 1) * 10**12 >= least * span, millionths(clean, due)
        fair = None if share is None else share >= limit("cleanFrameRate", "ofNominalPPM")
        either = member(metrics, "cleanFrameRate", "combine") == "either"
        if not (enough or fair if either else enough and fair):
            if fair is None and enough != either:
                open_.add("nominalRateUnknown")
            else:
                reasons.add("LOWFPS")
    least = limit("cleanRatio", "minimumPPM")
    if least is not None:
        if w["cleanRatioPPM"] is None:
            open_.add("nominalRateUnknown")
        elif w["cleanRatioPPM"] < least:
            reasons.add("CORRUPT" if received - clean >= due - received else "LOWFPS")
    if above(w["freezeRatioPPM"], limit("freezeRatio", "maximumPPM")) or above(w["longestFreezeNs"], limit("longestFreeze", "maximumNs")):
        reasons.add("FREEZE")
    if w["timestampJumps"] > 0:
        reasons.add("CLOCKSKEW")
    if member(metrics, "picture"):
        if w["width"] is None or w["height"] is None:
            open_.add("resolutionUnknown")
        elif any(have < need for have, need in zip(sorted((w["width"], w["height"])), sorted((limit("picture", "minimumWidth"), limit("picture", "minimumHeight"))))):
            reasons.add("LOWRES")
    if w["black"]:
        reasons.add("BLACK")
    if metrics.get("audioRequired") is True and (w["silent"] or not w["audioFrames"]):
        reasons.add("NOAUDIO")


# ---------------------------------------------------------------- incidents


class Instant:
    """A boot time with the clock that it is of."""

    def __init__(self, fact, ns=None):
        self.clock, self.ns = (fact["node"], fact["boot"]), fact["boottimeNs"] if ns is None else ns

    def since(self, other):
        return self.ns - other.ns if self.clock == other.clock else None

    def after(self, other):  # of another boot, or not earlier
        since = self.since(other)
        return since is None or since >= 0


INCIDENT_KINDS = set("""node.started incident.opened incident.calledOut incident.acknowledged incident.onScene incident.voice incident.announced incident.warning
incident.missed incident.closed stream.started stream.resumed stream.ended stream.firstPacket stream.firstKeyframe picture.decoded picture.second picture.refused
picture.shown keyframe.sent receipt.received receipt.refused clock.bridge""".split())
INCIDENT_REASONS = "late noPicture running straddles countyClockOnly countyRebooted gradeNotAccepted bracketsDisagree policyUnreadable".split()
GRADES = "decoded received attested countyClockOnly".split()
CLASSES = "soloKit bodycam domeKit drone highPoint vehicle".split()
STEP_OF = {"incident.calledOut": "t2", "incident.acknowledged": "t3", "incident.onScene": "t4", "incident.voice": "t9"}


def rule(value):
    value = {name: member(value, name) for name in ("id", "version", "sha256")}
    return value if text(value["id"]) is not None and integer(value["version"]) is not None and text(value["sha256"]) is not None else None


def policy_of(body):
    return body if integer(member(body, "limitNs")) and text(member(body, "kind")) else None


class Incident:
    def __init__(self, e1, facts):
        self.e1, self.start, self.id, self.nonce = e1, Instant(e1), e1["incident"], text(e1.get("nonce")) or ""
        self.policy = policy_of(member(e1, "policy", "body"))
        self.limit, eligible = member(self.policy, "limitNs"), items(member(self.policy, "eligibleClasses"))
        self.devices = []
        for entry in items(e1.get("devices")):
            if text(member(entry, "device")) is not None:
                kind = entry.get("class") if entry.get("class") in CLASSES else None
                self.devices.append({"device": entry["device"], "stream": text(entry.get("stream")) or entry["device"], "class": kind, "eligible": kind is not None and kind in eligible,
                                     "preopened": False, "alive": False})
        self.steps, self.refusals, self.pictures, self.sent, self.arrivals, self.contents = [], [], [], {}, {}, {}
        self.county = self.province = None
        self.closed, self.through, self.overdue, self.newest_boot = False, e1["seq"], False, e1["boot"]
        live, past = set(), False
        for fact in facts:
            if fact["node"] != e1["node"] or fact["kind"] not in INCIDENT_KINDS or self.closed and fact.get("incident") != self.id:
                continue
            self.through = max(self.through, fact["seq"])
            if fact is e1:
                past = True
                self.step("t1", fact, None)
                for device in self.devices:
                    device["preopened"] = device["stream"] in live
            elif past:
                self.take(fact)
            elif fact["kind"] == "node.started":
                live.clear()
            elif fact["kind"] in ("stream.started", "stream.resumed"):
                live.add(fact.get("stream"))
            elif fact["kind"] == "stream.ended":
                live.discard(fact.get("stream"))
        self.decide_county()
        self.verdict, reasons = self.judge()
        self.reasons = [r for r in INCIDENT_REASONS if r in reasons]
        boots = list(dict.fromkeys(step["boot"] for step in self.steps))
        self.steps.sort(key=lambda step: (boots.index(step["boot"]), step["bootNs"]))

    def step(self, name, fact, device, uncertainty=0):
        if not any(s["id"] == name and s["device"] == device for s in self.steps):
            self.steps.append({"id": name, "boot": fact["boot"], "bootNs": fact["boottimeNs"], "uncertaintyNs": uncertainty, "wall": fact["wall"], "source": fact["kind"], "device": device,
                               "at": Instant(fact)})

    def at(self, name, device):
        return next((s["at"] for s in self.steps if s["id"] == name and s["device"] == device), None)

    def refuse(self, what, source, reason, fact):
        self.refusals.append({"what": what, "from": source or "", "reason": reason, "boot": fact["boot"], "bootNs": fact["boottimeNs"]})

    def take(self, fact):
        kind, now = fact["kind"], Instant(fact)
        self.newest_boot = fact["boot"]
        if self.limit is not None and fact["boot"] == self.e1["boot"] and now.ns - self.start.ns > self.limit:
            self.overdue = True
        if kind in ("stream.firstPacket", "stream.firstKeyframe"):
            if fact.get("incident") in (None, self.id) and now.after(self.start):
                for device in self.devices:
                    if device["stream"] == fact.get("stream"):
                        self.step("t5" if kind == "stream.firstPacket" else "t5k", fact, device["device"])
        elif kind == "keyframe.sent":
            if text(fact.get("unit")) is not None:
                arrival = integer(fact.get("unitArrivalNs"))
                self.sent.setdefault(fact["unit"], []).append((now, text(fact.get("uplink")) or "", None if arrival is None else Instant(fact, arrival)))
        elif fact.get("incident") != self.id:
            return
        elif kind in STEP_OF and text(fact.get("device")) is not None:
            self.step(STEP_OF[kind], fact, fact["device"])
        elif kind == "incident.closed":
            self.closed = True
            self.step("t10", fact, None)
        elif kind == "picture.decoded":
            self.picture(fact)
        elif kind == "picture.second":
            self.second(fact)
        elif kind in ("picture.refused", "receipt.refused"):
            self.refuse(kind.split(".")[0], text(fact.get("device" if kind == "picture.refused" else "uplink")), text(fact.get("reason")) or "refused", fact)
        elif kind == "receipt.received":
            self.receipt(fact)

    def picture(self, fact):
        name, unit, arrival = text(fact.get("device")), text(fact.get("unit")), integer(fact.get("unitArrivalNs"))
        if name is None or unit is None or arrival is None:
            return
        arrival = Instant(fact, arrival)
        self.arrivals.setdefault(unit, arrival)
        if text(fact.get("vclSha256")) is not None:
            self.contents.setdefault(unit, fact["vclSha256"])
        device = next((d for d in self.devices if d["device"] == name), None)
        reason = "notEligible" if device is None else "beforeReceived" if not arrival.after(self.start) else "black" if fact.get("visible") is not True else None
        if reason is None:
            self.step("t6", fact, name, fact["boottimeNs"] - arrival.ns)
            reason = None if device["eligible"] else "notEligible"
        if reason:
            return self.refuse("picture", name, reason, fact)
        self.pictures.append({"fact": fact, "device": name, "unit": unit, "vcl": text(fact.get("vclSha256")) or "", "arrival": arrival})
        if not member(self.policy, "secondPictureRequired"):
            self.decide_county()

    def second(self, fact):
        within = integer(member(self.policy, "secondPictureWithinNs"))
        for first in self.pictures:
            after = Instant(fact).since(Instant(first["fact"]))
            if first["device"] == fact.get("device") and text(fact.get("unit")) not in (None, first["unit"]) and first["vcl"] != (text(fact.get("vclSha256")) or ""):
                if after is not None and 0 <= after <= (5 * SECOND if within is None else within):
                    next(d for d in self.devices if d["device"] == first["device"])["alive"] = True
                    return

    def decide_county(self):
        alive = {d["device"] for d in self.devices if d["alive"]}
        first = next((p for p in self.pictures if not member(self.policy, "secondPictureRequired") or p["device"] in alive), None)
        if self.county is None and first:
            self.county = {"timeNs": Instant(first["fact"]).since(self.start), "lowerNs": first["arrival"].since(self.start), "device": first["device"], "unit": first["unit"]}

    def receipt(self, fact):
        receipt, uplink, now = fact.get("receipt"), text(fact.get("uplink")) or "", Instant(fact)
        strings = "county province boot incident nonce openedSha256 stream unit vclSha256 jpegSha256".split()
        if (member(receipt, "v") != 1 or any(text(receipt.get(n)) is None for n in strings) or type(receipt.get("visible")) is not bool or receipt.get("grade") not in GRADES
                or integer(receipt.get("decodedNs")) is None):
            return self.refuse("receipt", uplink, "malformed", fact)
        beacon, heard, decoded = (integer(receipt.get(n)) for n in ("beaconNs", "heardNs", "decodedNs"))
        device = next((d for d in self.devices if d["stream"] == receipt["stream"]), None)
        e6 = next((at for at, link, _ in self.sent.get(receipt["unit"], []) if link == uplink and at.after(self.start)), None)
        known = self.arrivals.get(receipt["unit"]) or next((a for _, _, a in self.sent.get(receipt["unit"], []) if a), None)
        reason = ("signature" if fact.get("verified") is not True else "nonce" if receipt["incident"] != self.id or receipt["nonce"] != self.nonce or not self.nonce
                  else "opened" if receipt["openedSha256"] != self.e1["#"] or receipt["county"] != self.e1["node"] else "black" if not receipt["visible"]
                  else "times" if (heard is not None and heard > decoded) or (beacon is not None and heard is not None and beacon > heard)
                  else "notEligible" if device is None or not device["eligible"] else "beforeReceived" if known and not known.after(self.start)
                  else "unit" if e6 is None else "content" if self.contents.get(receipt["unit"], receipt["vclSha256"]) != receipt["vclSha256"] else "times" if not now.after(e6) else None)
        if reason:
            return self.refuse("receipt", uplink, reason, fact)
        self.step("t8", fact, device["device"], now.since(e6) or 0)
        if self.province:
            return
        lower, upper = e6.since(self.start), now.since(self.start)
        county = {"lowerNs": lower, "upperNs": upper} if lower is not None and upper is not None and lower <= upper else None
        nonces, province = {text(member(b, "nonce")) for b in items(self.e1.get("beacons"))} - {None}, None
        if text(receipt.get("beaconNonce")) in nonces and beacon is not None and heard is not None and beacon <= heard <= decoded:
            province = {"lowerNs": decoded - heard, "upperNs": decoded - beacon}
        self.province = {"name": receipt["province"], "grade": receipt["grade"] if province else "countyClockOnly", "device": device["device"], "unit": receipt["unit"], "countyBracket": county,
                         "provinceBracket": province}

    def judge(self):
        if self.policy is None:
            return "undetermined", {"policyUnreadable"}
        if self.province is None:
            if self.overdue or self.closed:
                return "fail", {"late" if self.overdue else "noPicture"}
            return "undetermined", {"running"} | ({"countyRebooted"} if self.newest_boot != self.e1["boot"] else set())
        county, province = self.province["countyBracket"], self.province["provinceBracket"]
        brackets, reasons = [b for b in (county, province) if b], set()
        if len(brackets) == 2 and not (county["lowerNs"] <= province["upperNs"] and province["lowerNs"] <= county["upperNs"]):
            reasons.add("bracketsDisagree")
        if county is None:
            reasons.add("countyRebooted")
        if any(b["lowerNs"] > self.limit for b in brackets):
            return "fail", reasons | {"late"}
        if province is None:
            reasons.add("countyClockOnly")
            accepted = member(self.policy, "countyClockOnlyCounts") is True
        else:
            accepted = self.province["grade"] in items(member(self.policy, "acceptedGrades"))
            reasons.update(() if accepted else {"gradeNotAccepted"})
        if any(b["upperNs"] > self.limit for b in brackets):
            reasons.add("straddles")
        return "pass" if brackets and accepted and not reasons & {"straddles", "bracketsDisagree"} else "undetermined", reasons

    def output(self):
        bracket = lambda b: b and {"lowerSeconds": seconds(b["lowerNs"]), "upperSeconds": seconds(b["upperNs"])}
        county, province = self.county or {}, self.province or {}
        return {"id": self.id, "policy": rule(self.e1.get("policy")), "limitSeconds": seconds(self.limit), "closed": self.closed, "verdict": self.verdict, "reasons": self.reasons,
                "county": {"seconds": seconds(county.get("timeNs")), "lowerSeconds": seconds(county.get("lowerNs")), "device": county.get("device"), "unit": county.get("unit")},
                "province": {**{n: province.get(n) for n in ("name", "grade", "device", "unit")},
                             **{n: bracket(province.get(n)) for n in ("countyBracket", "provinceBracket")}}}

    def figures(self):
        return {"id": self.id, "throughSeq": self.through, "title": text(self.e1.get("title")) or "", "nonce": self.nonce, "receivedBoot": self.e1["boot"], "receivedNs": self.start.ns,
                "policy": rule(self.e1.get("policy")), "limitNs": self.limit, "steps": [{k: v for k, v in s.items() if k != "at"} for s in self.steps], "devices": self.devices,
                "county": self.county, "province": self.province, "refusals": self.refusals, "closed": self.closed, "verdict": self.verdict, "reasons": self.reasons}


def incidents_of(facts):
    opened = {}
    for fact in facts:
        if fact["kind"] == "incident.opened" and text(fact.get("incident")) is not None:
            opened.setdefault(fact["incident"], fact)
    return [Incident(e1, facts) for e1 in opened.values()]


# ---------------------------------------------------------------- gaps


def gaps_of(facts):
    causes = {"network": "network", "peer": "network", "disk": "disk", "relay": "recorder"}
    told, derived, open_, boots = [], [], {}, {}
    for fact in facts:
        boots.setdefault(fact["boot"], len(boots))
        stream, kind, clock = text(fact.get("stream")), fact["kind"], (fact["node"], fact["boot"])
        if stream is None:
            continue
        if kind == "stream.gap":
            begin, end, cause = integer(fact.get("fromNs")), integer(fact.get("toNs")), fact.get("cause")
            if begin is not None and end is not None and begin <= end and cause in ("network", "device", "recorder", "disk", "decoder", "descriptors", "readOnly"):
                told.append([stream, clock, begin, end, cause])
        elif kind in ("stream.interrupted", "stream.ended") and stream not in open_:
            last = integer(fact.get("lastMediaNs"))
            open_[stream] = [stream, clock, min(fact["boottimeNs"] if last is None else last, fact["boottimeNs"]), None, causes.get(fact.get("origin"), "device")]
        elif kind in ("stream.started", "stream.resumed") and stream in open_:
            gap = open_.pop(stream)
            gap[3] = fact["boottimeNs"] if gap[1] == clock else None
            derived.append(gap)
    covered = lambda g: any(t[:2] == g[:2] and t[2] <= (g[2] if g[3] is None else g[3]) and g[2] <= t[3] for t in told)
    result = []
    for gap in sorted(told + [g for g in derived + list(open_.values()) if not covered(g)], key=lambda g: (g[0].encode(), boots[g[1][1]], g[2], g[4])):
        last = result[-1] if result else None
        if last and last[:2] == gap[:2] and last[4] == gap[4] and (last[3] is None or gap[2] <= last[3]):
            last[3] = None if last[3] is None or gap[3] is None else max(last[3], gap[3])
        else:
            result.append(gap)
    return [{"stream": s, "boot": clock[1], "fromNs": begin, "toNs": end, "cause": cause} for s, clock, begin, end, cause in result]


# ---------------------------------------------------------------- rates

CODES = {code: reason for reason, codes in {
    "auth": "accessDenied credentialsMissing credentialsWrong keyExpired tooManyAttempts", "busy": "streamBusy", "unsupported": "codecUnsupported transportUnsupported authenticationUnsupported", "noMedia": "picturesStopped", "noKeyframe": "noKeyframe",
    "undecodable": "mediaMalformed decodeFailed", "offline": "peerUnreachable pullFailed", "network": "rtspTimeout handshakeTimeout publisherGone",
    "wrongSource": "streamNameInvalid peerKeyMismatch"}.items() for code in codes.split()}
PROGRESS = {"stream.started": 1, "stream.resumed": 1, "stream.firstPacket": 2, "stream.firstKeyframe": 3}
ENDINGS = ("stream.interrupted", "stream.ended")
RATE_KINDS = set("""node.started profile.embedded device.registered incident.opened incident.calledOut incident.missed incident.closed connection.requested connection.missed
exclusion.approved stream.started stream.resumed stream.interrupted stream.ended stream.refused stream.firstPacket stream.firstKeyframe pull.failed access.refused picture.decoded link.up
link.down quality.window""".split())


class Evidence:
    def __init__(self, stream, start, limit, state):
        self.stream, self.start, self.limit, self.state, self.refused, self.lost = stream, start, limit, state, None, False

    def take(self, fact):
        since, kind = Instant(fact).since(self.start), fact["kind"]
        if since is None or since > self.limit:
            return
        if kind == "access.refused":
            if fact.get("what") == "publish" and fact.get("name") == self.stream:
                self.refused = CODES.get(fact.get("code"), "refused")
        elif fact.get("stream") == self.stream:
            if kind in ("stream.refused", "pull.failed"):
                self.refused = CODES.get(fact.get("code"), "refused")
            elif kind in ENDINGS:
                self.lost = self.lost or fact.get("origin") in ("network", "peer")
            elif kind in ("stream.started", "stream.resumed"):
                self.lost = False
            self.state = max(self.state, PROGRESS.get(kind, 0))

    def step(self):
        return ("t5", "t5", "t5k", "t6")[self.state]

    def without_media(self):
        return "noMedia" if self.state else self.refused or "offline"

    def reason(self):
        return "network" if self.lost else {2: "noKeyframe", 3: "undecodable"}.get(self.state) or self.without_media()


def month_of(wall):
    try:
        return (datetime.datetime.fromisoformat(wall[:19] + "+00:00") + datetime.timedelta(hours=8)).strftime("%Y-%m")
    except ValueError:
        return None


def unit_of(id_, **known):
    return {**dict.fromkeys("device stream class town link hop month step seconds rule exclusion".split()), "id": id_, "outcome": "pending", "reasons": [], **known}


class Rates:
    def __init__(self, facts, incidents):
        self.states, self.devices, self.streams, self.uplinks = {}, {}, {}, set()
        self.exclusions, self.attempts, self.policy, self.opened, self.newest = [], [], None, {}, {}
        self.lines, self.by_session, self.by_stream, self.profiles = [], {}, {}, {}
        self.incidents, self.running = incidents, {}
        by_id = {i.id: i for i in incidents}
        for fact in facts:
            if fact["kind"] in RATE_KINDS:
                self.attempt_fact(fact)
                self.incident_fact(fact, by_id)
                self.line_fact(fact)
                self.remember(fact)
        attempts = [self.attempt(a) for a in self.attempts]
        lines = self.quality(attempts)
        units = [self.response(i) for i in incidents]
        self.output = {"connection": self.rate([a["unit"] for a in self.attempts], True), "thirtyMinute": self.rate(units, True), "quality": self.rate(lines, False)}

    def remember(self, fact):
        kind, stream, device = fact["kind"], text(fact.get("stream")), text(fact.get("device"))
        if kind == "node.started":
            self.states.clear()
        elif kind == "exclusion.approved":
            self.exclusions.append(fact)
        elif kind == "device.registered" and stream is not None and device is not None:
            self.devices[device] = self.streams[stream] = {"device": device, "class": text(fact.get("class")), "town": text(fact.get("town"))}
        elif stream is not None:
            self.states[stream] = 0 if kind in ENDINGS else max(self.states.get(stream, 0), PROGRESS.get(kind, 0))

    def excluded(self, rate, matches):
        found = next((f for f in self.exclusions if f.get("rate") == rate and matches(f)), None)
        if found is None:
            return None
        return {"reason": text(found.get("reason")) or "", "approver": text(member(found, "by", "sha256")) or text(found.get("by")), "accepted": True}

    # 联通率

    def attempt_fact(self, fact):
        kind, now = fact["kind"], Instant(fact)
        for a in self.attempts:
            if not a["running"]:
                continue
            since = now.since(a["start"])
            if since is None or (a["limit"] is not None and since > a["limit"]):
                a["running"], a["rebooted"], a["over"] = False, since is None, since is not None
                continue
            a["evidence"].take(fact)
            if kind == "incident.closed" and a["picture"] is None and set(a["names"]) == {("incident", fact.get("incident"))}:
                a["withdrawn"] = True
        if kind == "profile.embedded" and fact.get("what") == "policy" and rule(fact) and policy_of(fact.get("body")) and fact["body"]["kind"] == "connection":
            self.policy = (fact["body"]["limitNs"], rule(fact))
        elif kind == "incident.opened" and text(fact.get("incident")) is not None:
            devices = {}
            for entry in items(fact.get("devices")):
                if text(member(entry, "device")) is not None:
                    devices.setdefault(entry["device"], (text(entry.get("stream")) or entry["device"], text(entry.get("class"))))
            self.opened.setdefault(fact["incident"], (now, devices))
        elif kind == "incident.calledOut" and fact.get("device") in self.opened.get(fact.get("incident"), (0, {}))[1]:
            name, device = ("incident", fact["incident"]), fact["device"]
            if not any(name in a["names"] and a["unit"]["device"] == device for a in self.attempts):
                opened, devices = self.opened[fact["incident"]]
                self.request(fact, f"{fact['incident']}/{device}", device, *devices[device], name, opened)
        elif kind == "connection.requested" and text(fact.get("attempt")) is not None and text(fact.get("device")) is not None:
            name, device = ("attempt", fact["attempt"]), fact["device"]
            if not any(name in a["names"] for a in self.attempts):
                self.request(fact, fact["attempt"], device, text(fact.get("stream")) or device, text(fact.get("class")), name, now)
        elif kind == "picture.decoded" and fact.get("visible") is True and integer(fact.get("unitArrivalNs")) is not None:
            name = ("incident", fact["incident"]) if text(fact.get("incident")) is not None else ("attempt", fact.get("attempt"))
            for a in self.attempts:
                if name in a["names"] and a["unit"]["device"] == fact.get("device") and a["picture"] is None and Instant(fact, fact["unitArrivalNs"]).after(a["names"][name]):
                    a["picture"] = now

    def request(self, fact, id_, device, stream, kind, name, origin):
        now, last = Instant(fact), self.newest.get(device)
        since = now.since(last["start"]) if last else None
        if since is not None and last["limit"] is not None and 0 <= since <= last["limit"]:
            last["names"][name] = origin
            return
        limit, by = self.policy or (None, None)
        unit = unit_of(id_, **{"device": device, "stream": stream, "class": kind, "town": member(self.devices, device, "town"), "month": month_of(fact["wall"]), "rule": by})
        self.newest[device] = {"unit": unit, "start": now, "limit": limit, "names": {name: origin}, "running": True, "over": False, "rebooted": False, "withdrawn": False, "picture": None,
                               "evidence": Evidence(stream, now, limit or 0, self.states.get(stream, 0))}
        self.attempts.append(self.newest[device])

    def attempt(self, a):
        unit, limit, device = a["unit"], a["limit"], a["unit"]["device"]
        elapsed = a["picture"].since(a["start"]) if a["picture"] else None
        a["elapsed"] = None if elapsed is None else max(0, elapsed)
        unit["seconds"] = seconds(a["elapsed"])
        reason = None
        if limit is None:
            unit["outcome"], unit["reasons"] = "undetermined", ["policyUnknown"]
        elif elapsed is not None and max(0, elapsed) <= limit:
            unit["outcome"] = "pass"
        elif elapsed is not None:
            reason = "timeout"
        elif a["withdrawn"]:
            reason = "operator"
        elif a["over"]:
            reason = a["evidence"].reason()
        elif a["rebooted"] or a["picture"]:
            unit["outcome"], unit["reasons"] = "undetermined", ["rebooted"]
        if reason:
            unit["outcome"], unit["reasons"], unit["step"] = "fail", [reason], a["evidence"].step()
        unit["exclusion"] = self.excluded("connection", lambda f: ("attempt", f.get("attempt")) in a["names"] or (("incident", f.get("incident")) in a["names"] and f.get("device") == device))
        if unit["exclusion"]:
            unit["exclusion"]["accepted"] = reason != "offline"
        return a

    # 三十分钟响应率

    def incident_fact(self, fact, by_id):
        kind, now, uplink = fact["kind"], Instant(fact), text(fact.get("uplink"))
        if kind == "node.started":
            self.uplinks.clear()
        elif kind == "link.up" and uplink is not None:
            self.uplinks.add(uplink)
        elif kind == "link.down" and uplink is not None:
            self.uplinks.discard(uplink)
        for one in self.running.values():
            since = now.since(one["start"])
            if not one["running"] or since is None or one["limit"] is None or since > one["limit"]:
                one["running"] = False
                continue
            for evidence in one["evidence"].values():
                evidence.take(fact)
            one["link"] = bool(self.uplinks)
        incident = by_id.get(fact.get("incident")) if kind == "incident.opened" else None
        if incident and incident.id not in self.running:
            one = self.running[incident.id] = {"start": incident.start, "limit": incident.limit, "running": True, "link": bool(self.uplinks), "evidence": {}, "towns": {}}
            for device in incident.devices:
                if device["device"] not in one["evidence"]:
                    one["evidence"][device["device"]] = Evidence(device["stream"], incident.start, incident.limit or 0, self.states.get(device["stream"], 0))
                    one["towns"][device["device"]] = member(self.devices, device["device"], "town")

    def response(self, incident):
        named = lambda name: next((d for d in incident.devices if d["device"] == name), None)
        eligible = [d for d in incident.devices if d["eligible"]]
        winner = (incident.province or incident.county or {}).get("device")
        device = named(winner) if winner is not None else None
        device = device or next(iter(eligible), None) or next(iter(incident.devices), None)
        unit = unit_of(incident.id, link=member(incident.province, "name"), month=month_of(incident.e1["wall"]), rule=rule(incident.e1.get("policy")))
        unit["outcome"] = incident.verdict
        if incident.verdict == "undetermined":
            unit["outcome"], unit["reasons"] = "pending" if "running" in incident.reasons else "undetermined", incident.reasons
        elif incident.verdict == "fail":
            reason, unit["step"], culprit = self.cause(incident, eligible)
            unit["reasons"], device = [reason], culprit or device
        if device:
            unit.update({"device": device["device"], "stream": device["stream"], "class": device["class"], "town": self.running[incident.id]["towns"].get(device["device"])})
        unit["exclusion"] = self.excluded("thirtyMinute", lambda f: f.get("incident") == incident.id)
        return unit

    def cause(self, incident, eligible):
        one, limit = self.running[incident.id], incident.limit
        if incident.province:
            name = incident.province["device"]
            late = [s for s in ("t2", "t5", "t5k", "t6") if incident.at(s, name) and (incident.at(s, name).since(incident.start) or 0) > limit]
            return "timeout", late[0] if late else "t8", next(d for d in incident.devices if d["device"] == name)
        far = lambda d: next((rank for rank, step in ((4, "t6"), (3, "t5k"), (2, "t5"), (1, "t2")) if incident.at(step, d["device"])), 0)
        if not eligible:
            return "operator", "t2", None
        device = max(eligible, key=far)
        if far(device) == 4:
            refused = any(r["what"] == "receipt" for r in incident.refusals)
            return "refused" if refused else "timeout" if one["link"] else "network", "t8", device
        if far(device) == 1:
            return one["evidence"][device["device"]].without_media(), "t5", device
        return *{3: ("undecodable", "t6"), 2: ("noKeyframe", "t5k"), 0: ("operator", "t2")}[far(device)], device

    # 连线质量达标率

    def line_fact(self, fact):
        kind, session, stream, now = fact["kind"], text(fact.get("session")), text(fact.get("stream")), Instant(fact)
        if kind == "node.started":
            for line in self.lines:
                if line["open"]:
                    self.close(line, fact)
        elif kind == "profile.embedded" and fact.get("what") == "profile" and rule(fact) and member(fact.get("body"), "session"):
            self.profiles[fact["sha256"]] = fact["body"]
        elif kind in ENDINGS and session in self.by_session:
            if self.by_session[session]["open"]:
                self.close(self.by_session[session], fact)
        elif kind in ("stream.started", "stream.resumed") and session is not None and stream is not None and session not in self.by_session and fact.get("hop") != "viewer":
            line = self.by_session.get(fact.get("previousSession")) if kind == "stream.resumed" else None
            newest = self.by_stream.get(stream)
            if line is None and newest and not newest["open"] and newest["returns"]:
                away = now.since(newest["last"])
                line = newest if away is not None and 0 <= away <= 600 * SECOND else None
            if line is None:
                return self.line(fact, session, stream, now)
            gap = now.since(line["last"]) if line["last"] else None
            if gap is not None:
                line["outage"] = max(line["outage"], gap)
                line["gaps"].append(gap)
            line["sessions"].add(session)
            line["open"], line["end"], line["returns"], self.by_session[session] = True, None, False, line
        elif kind == "quality.window" and session is not None and stream is not None and fact.get("hop") != "viewer":
            if session not in self.by_session:
                self.line(fact, session, stream, Instant(fact, integer(fact.get("fromNs"))))
            line = self.by_session[session]
            line["windows"], line["rule"] = True, rule(fact.get("profile")) or line["rule"]
            line["unit"]["hop"] = text(fact.get("hop"))
            if "observerLimited" not in items(fact.get("open")):
                line["outage"] = max(line["outage"], integer(fact.get("longestFreezeNs")) or 0, fact["toNs"] - fact["fromNs"] if fact.get("framesReceived") == 0 else 0)
            if "windowTooShort" not in items(fact.get("open")):
                line["minutes"].append((fact.get("verdict"), items(fact.get("reasons"))))

    def line(self, fact, session, stream, start):
        known = self.streams.get(stream, {})
        unit = unit_of(session, **{"stream": stream, "device": text(fact.get("device")) or known.get("device"), "class": text(fact.get("class")) or known.get("class"), "town": known.get("town"),
                                   "link": text(fact.get("protocol")), "hop": text(fact.get("hop")), "month": month_of(fact["wall"])})
        self.by_session[session] = {"unit": unit, "sessions": {session}, "start": start, "end": None, "open": True, "last": None, "returns": False, "gaps": [], "minutes": [], "windows": False, "outage": 0, "rule": None}
        self.by_stream[stream] = self.by_session[session]
        self.lines.append(self.by_session[session])

    def close(self, line, fact):
        line["open"], line["last"] = False, Instant(fact, integer(fact.get("lastMediaNs")))
        line["returns"] = fact["kind"] != "node.started" and fact.get("cause") != "streamEnded"
        if Instant(fact).clock == line["start"].clock:
            line["end"] = fact["boottimeNs"]

    def quality(self, attempts):
        never = []
        for a in attempts:
            unit, start = a["unit"], a["start"]
            line = next((n for n in self.lines if n["unit"]["stream"] == unit["stream"] and n["start"].clock == start.clock and (n["end"] is None or n["end"] >= start.ns)
                         and n["start"].ns <= start.ns + (a["limit"] or 0)), None)
            unit["link"] = line["unit"]["link"] if line else None
            if unit["outcome"] not in ("pass", "fail") or (unit["exclusion"] and unit["exclusion"]["accepted"]):
                continue
            if line:
                line.setdefault("orders", []).append(a["elapsed"])
            elif unit["outcome"] == "fail" and unit["reasons"] != ["operator"]:
                never.append({**unit, "hop": "device", "reasons": ["OFFLINE"], "step": "t5", "seconds": None, "rule": None, "exclusion": None})
        for line in self.lines:
            self.judge_line(line)
            line["unit"]["exclusion"] = self.excluded("quality", lambda f: f.get("session") in line["sessions"])
        return [line["unit"] for line in self.lines] + never

    def judge_line(self, line):
        unit, minutes, profile = line["unit"], line["minutes"], self.profiles.get(member(line["rule"], "sha256"))
        if not minutes and line["open"]:
            return
        unit["outcome"] = "undetermined"
        if not line["windows"] or profile is None:
            unit["reasons"] = ["profileUnknown" if line["windows"] else "noWindows"]
            return
        unit["rule"], limits, reasons = line["rule"], profile["session"], set()
        if any(e is None or e > limits["connectWithinNs"] for e in line.get("orders", [])) or line["outage"] > limits["longestOutageNs"]:
            reasons.add("OFFLINE")
        ratio = integer(member(profile["metrics"], "cleanRatio", "minimumPPM"))
        cut = [gap for gap in line["gaps"] if ratio is not None and gap * 10**6 > (10**6 - ratio) * 60 * SECOND]
        minutes = minutes + [("fail", ["OFFLINE"])] * sum(min(1440, -(-gap // (60 * SECOND))) for gap in cut)
        judged = [m for m in minutes if m[0] in ("pass", "fail")]
        share = millionths(sum(m[0] == "pass" for m in judged), len(judged))
        if share is not None and share < limits["passMinutesPPM"]:
            reasons.update(r for m in judged if m[0] == "fail" for r in m[1])
        few = (millionths(len(judged), len(minutes)) or 0) < limits["judgeableMinutesPPM"]
        unit["reasons"] = [r for r in REASONS if r in reasons] or ["tooFewMinutes"] * few
        if reasons:
            unit["outcome"], unit["step"] = "fail", "t5" if "OFFLINE" in reasons else "t8" if unit["hop"] == "centre" else "t6"
        elif not few:
            unit["outcome"] = "pass"

    # counting

    @staticmethod
    def counts(units, undetermined_is_not_met):
        out = lambda u: "excluded" if u["exclusion"] and u["exclusion"]["accepted"] else u["outcome"]
        count = lambda outcome: sum(out(u) == outcome for u in units)
        k, undetermined = count("pass"), count("undetermined")
        n = k + count("fail") + (undetermined if undetermined_is_not_met else 0)
        low = high = None
        if n:
            z, p = 1.959963984540054, k / n
            zz = z * z
            centre = (p + zz / (2 * n)) / (1 + zz / n)
            half = z * math.sqrt(p * (1 - p) / n + zz / (4 * n * n)) / (1 + zz / n)
            low = Millionths(0 if k == 0 else round(max(0.0, centre - half) * 10**6))
            high = Millionths(10**6 if k == n else round(min(1.0, centre + half) * 10**6))
        ratio = Millionths(millionths(k, n)) if n else None
        return {"numerator": k, "denominator": n, "ratio": ratio, "low95": low, "high95": high, "undetermined": undetermined, "excluded": count("excluded")}

    def rate(self, units, undetermined_is_not_met):
        gone = lambda u: bool(u["exclusion"] and u["exclusion"]["accepted"])
        pick = lambda u, names: {n: u[n] for n in names.split()}
        result = self.counts(units, undetermined_is_not_met)
        result["pending"] = sum(u["outcome"] == "pending" and not gone(u) for u in units)
        result["failures"] = [pick(u, "id device stream reasons step seconds") for u in units if u["outcome"] == "fail" and not gone(u)]
        result["open"] = [pick(u, "id device stream reasons") for u in units if u["outcome"] == "undetermined" and not gone(u)]
        result["exclusions"] = [{**u["exclusion"], "id": u["id"], "device": u["device"]} for u in units if u["exclusion"]]
        rules = {(r["id"], r["version"], r["sha256"]): r for r in (u["rule"] for u in units) if r}
        result["rules"] = [rules[key] for key in sorted(rules)]
        result["groups"] = {}
        for name in "town device class link hop month".split():
            groups = {}
            for unit in units:
                if unit["outcome"] != "pending" or gone(unit):
                    groups.setdefault(unit[name], []).append(unit)
            ordered = sorted(groups, key=lambda key: (key is not None, (key or "").encode()))
            result["groups"][name] = [{"key": key, **self.counts(groups[key], undetermined_is_not_met)} for key in ordered]
        return result


# ---------------------------------------------------------------- all of it


def differences_of(facts, rebuilt, profiles, published, last_profile):
    found = []

    def differ(fact, what, subject, name, was, made):
        found.append({"what": what, "sequence": fact["seq"], "subject": subject, "member": name, "published": was, "recomputed": made})

    def compare(fact, subject, prefix, was, made):
        for name in sorted(made, key=str.encode):
            value = member(was, name)
            if not agrees(value, made[name]) if name in was else name == "verdict":
                differ(fact, "figure", subject, prefix + name, value, made[name])

    for index, fact in enumerate(facts):
        kind, body = fact["kind"], fact.get("body")
        if kind == "profile.embedded" and rule(fact) and "body" in fact:
            named, made = f"{fact['id']}@{fact['version']}", sha256(canonical(body).encode())
            if made != fact["sha256"]:
                differ(fact, "ruleHash", named, "sha256", fact["sha256"], made)
            elif fact.get("what") == "profile":
                if member(body, "metrics") is None or member(body, "session") is None or integer(member(body, "minimumWindowNs")) is None:
                    differ(fact, "ruleMissing", named, "body", body, None)
                else:
                    profiles[fact["sha256"]] = body
        elif kind == "incident.opened" and member(fact, "policy", "body") is not None and text(member(fact, "policy", "sha256")) is not None:
            made = sha256(canonical(fact["policy"]["body"]).encode())
            if made != fact["policy"]["sha256"]:
                differ(fact, "ruleHash", text(fact.get("incident")) or "", "policy.sha256", fact["policy"]["sha256"], made)
        elif kind == "quality.window":
            session = text(fact.get("session")) or ""
            subject = f"{text(fact.get('stream')) or ''} {session}"
            window = next((w for w in rebuilt.get(session, []) if same(w["fromNs"], fact.get("fromNs"))), None)
            if window is None:
                differ(fact, "samplesMissing", subject, "fromNs", fact.get("fromNs"), None)
                continue
            published.setdefault(session, set()).add(window["fromNs"])
            made, by = {k: v for k, v in window.items() if k != "start"}, rule(fact.get("profile"))
            profile = profiles.get(by["sha256"]) if by else None
            if profile:
                last_profile[session] = by
                made.update(judge(window, profile), profile=by)
            compare(fact, subject, "", fact, made)
            if not profile:
                differ(fact, "ruleMissing", subject, "profile", fact.get("profile"), None)
        elif kind == "verdict":
            named, through = text(fact.get("incident")) or "", integer(member(fact, "figures", "throughSeq"))
            before = [f for f in facts[:index] if f["seq"] <= (fact["seq"] if through is None else through)]
            e1 = next((f for f in before if f["kind"] == "incident.opened" and f.get("incident") == named), None)
            if e1 is None:
                differ(fact, "incidentMissing", named, "incident", named, None)
                continue
            made = Incident(e1, before).figures()
            compare(fact, named, "", fact, {name: made[name] for name in ("verdict", "reasons", "policy")})
            figures = fact.get("figures") if isinstance(fact.get("figures"), dict) else {}
            for name in ("county", "province"):  # members that docs/recompute.md does not define are not ours to compare
                if isinstance(figures.get(name), dict) and made[name]:
                    made[name] = {**figures[name], **made[name]}
            compare(fact, named, "figures.", figures, made)
    return found


def recompute(folder):
    facts = read_journal(folder)
    rebuilt, profiles, published, last_profile = {}, {}, {}, {}
    for name in check_samples(folder, facts):
        header, records = read_samples(folder, name)
        rebuilt.setdefault(header["session"], []).extend(Session(header).run(records))
    differences = differences_of(facts, rebuilt, profiles, published, last_profile)
    windows = []
    for session, made in rebuilt.items():
        by = last_profile.get(session)
        for window in made:
            judged = judge(window, profiles[by["sha256"]]) if by else {"verdict": "undetermined", "reasons": []}
            windows.append({**window, **judged, "profile": by, "published": window["fromNs"] in published.get(session, ())})
    incidents = incidents_of(facts)
    return {"rates": Rates(facts, incidents).output, "incidents": [i.output() for i in incidents], "windows": windows, "gaps": gaps_of(facts), "differences": differences}


def main():
    if len(sys.argv) != 2 or not os.path.isdir(sys.argv[1] + "/journal"):
        sys.exit(print(__doc__, file=sys.stderr) or 2)
    try:
        result = recompute(sys.argv[1])
    except Damage as damage:
        sys.exit(f"damaged: {damage}")
    sys.stdout.buffer.write((canonical(result) + "\n").encode())
    sys.exit(1 if result["differences"] else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""A year of history: makes a data folder with many closed incidents and quality windows, and measures what a node that runs on it costs.

    history.py make DATA --binary FIRSTFRAME [--incidents 5000] [--facts 1000000] [--windows 500000]
    history.py measure DATA --binary FIRSTFRAME [--boards 3] [--seconds 20]

`make` lets the program itself open and close one incident, takes its facts as the pattern, and writes a journal of a county whose chain holds: every
incident with its call-outs, its stream, its picture and its verdict, sessions of 30 minutes with a window a minute, and refusals for the rest.
`measure` starts a node on the folder (a first start makes the index), polls as boards do, opens and closes incidents meanwhile, and prints one line of
JSON. Loopback only; the node is stopped at the end.
"""
import argparse, hashlib, http.client, json, os, random, shutil, socket, subprocess, sys, tempfile, threading, time

ZERO = "0" * 64
MINUTE = 60_000_000_000


class Node:
    def __init__(self, binary, data):
        self.ports = [free() for _ in range(4)]
        names = ("rtsp.port", "rtmp.port", "http.port", "control.port")
        self.http = self.ports[2]
        sets = ["bind=127.0.0.1", "access.mode=open", "node.name=county", "workers.count=1"] + [f"{n}={p}" for n, p in zip(names, self.ports)]
        args = [binary, "serve", "--data", data] + [part for one in sets for part in ("--set", one)]
        self.log = open(data + ".log", "ab")
        self.began = time.monotonic()
        self.process = subprocess.Popen(args, stdout=self.log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def ask(self, method, path, body=None, timeout=300):
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=timeout)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            data = answer.read()
            if answer.status >= 300:
                raise OSError(f"{path}: {answer.status} {data[:200]}")
            return data
        finally:
            connection.close()

    def wait(self, seconds=600):
        """Seconds from the start to the first answer that needs the journal."""
        while time.monotonic() - self.began < seconds:
            if self.process.poll() is not None:
                sys.exit(f"the node ended with {self.process.returncode}: see {self.log.name}")
            try:
                self.ask("GET", "/api/v1/incidents?limit=1")
                return time.monotonic() - self.began
            except OSError:
                time.sleep(0.02)
        sys.exit("no answer")

    def private_megabytes(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup") as file:
            found = dict(line.split(":") for line in file.read().splitlines()[1:])
        return sum(int(found[n].split()[0]) for n in ("Private_Clean", "Private_Dirty")) / 1024

    def cpu_seconds(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()


def free():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# ---------------------------------------------------------------- make


class Journal:
    """Writes lines as docs/journal.md has them."""

    def __init__(self, data):
        self.folder, self.number, self.file, self.size = data + "/journal", 0, None, 0
        os.makedirs(self.folder)
        self.seq, self.previous, self.now, self.boot = 0, ZERO, 1_000_000_000, "11111111-2222-3333-4444-555555555555"
        self.wall = 1_763_000_000

    def write(self, kind, fields):
        self.seq += 1
        seconds = self.now // 1_000_000_000
        wall = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(self.wall + seconds)) + ".%09dZ" % (self.now % 1_000_000_000)
        head = '{"v":1,"node":"county","boot":"%s","seq":%d,"boottimeNs":%d,"wall":"%s","kind":"%s","prev":"%s"' % (
            self.boot, self.seq, self.now, wall, kind, self.previous)
        body = "".join(',"%s":%s' % (k, json.dumps(fields[k], ensure_ascii=False, separators=(",", ":"), sort_keys=True)) for k in sorted(fields))
        line = (head + body + "}\n").encode()
        if self.file is None or self.size + len(line) > 64 << 20:
            if self.file:
                self.file.close()
            self.number += 1
            self.file, self.size = open(f"{self.folder}/journal-{self.number:06}.jsonl", "wb", 1 << 20), 0
        self.file.write(line)
        self.size += len(line)
        self.previous = hashlib.sha256(line).hexdigest()


def pattern(binary):
    """The facts of one incident as this version writes them, by kind."""
    data = tempfile.mkdtemp(prefix="ff-pattern-")
    shutil.rmtree(data)
    node = Node(binary, data)
    try:
        node.wait()
        id_ = json.loads(node.ask("POST", "/api/v1/incidents", {"title": "演练", "devices": ["kit"]}))["id"]
        node.ask("POST", f"/api/v1/incidents/{id_}/close", {})
    finally:
        node.stop()
    found = {}
    for line in open(f"{data}/journal/journal-000001.jsonl", "rb"):
        fact = json.loads(line)
        kind = fact["kind"]
        body = {k: v for k, v in fact.items() if k not in ("v", "node", "boot", "seq", "boottimeNs", "wall", "kind", "prev")}
        found.setdefault(kind, []).append(body)
    shutil.rmtree(data)
    os.remove(data + ".log")
    return found


def make(args):
    found = pattern(args.binary)
    random.seed(11)
    shutil.rmtree(args.data, ignore_errors=True)
    out = Journal(args.data)
    out.write("node.started", {"version": "0", "pid": 1, "role": "county"})
    profiles = []
    for rule in found.get("profile.embedded", []):
        out.write("profile.embedded", rule)
        if rule.get("what") == "profile":
            profiles.append(rule)
    profile = {k: profiles[0][k] for k in ("id", "version", "sha256")} if profiles else {"id": "none", "version": 1, "sha256": ZERO}
    opened = found["incident.opened"][0]
    devices = [f"kit{n:02}" for n in range(40)]
    for device in devices:
        out.write("device.registered", {"device": device, "stream": f"live/{device}", "class": "soloKit", "town": f"镇{int(device[3:]) % 8}"})
    windows, incidents, sessions = args.windows, args.incidents, 0
    per_incident = max(1, args.windows // max(1, args.incidents))
    for number in range(incidents):
        device, id_ = devices[number % len(devices)], f"2025{number // 300 % 12 + 1:02}{number % 28 + 1:02}-{number:06x}"
        stream, session = f"live/{device}", f"county-{1_000_000 + number}"
        out.now += 5 * MINUTE
        out.write("incident.opened", {**opened, "incident": id_, "title": f"事件 {number}", "nonce": "%032x" % random.getrandbits(128),
                                      "devices": [{"device": device, "stream": stream, "class": "soloKit"}], "external": f"112-{number}"})
        start = out.now
        out.now += 1_000_000
        out.write("incident.calledOut", {"incident": id_, "device": device})
        out.now += MINUTE
        out.write("incident.acknowledged", {"incident": id_, "device": device})
        out.now += MINUTE
        unit = f"county/{stream}@{number}#1"
        out.write("stream.started", {"stream": stream, "session": session, "epoch": number, "remote": "10.0.0.7:1234", "protocol": "rtmp", "hop": "device"})
        out.write("stream.firstPacket", {"stream": stream, "session": session, "unit": unit, "unitArrivalNs": out.now})
        out.write("stream.firstKeyframe", {"stream": stream, "session": session, "unit": unit, "unitArrivalNs": out.now})
        arrival, out.now = out.now, out.now + 90_000_000
        out.write("picture.decoded", {"incident": id_, "device": device, "stream": stream, "unit": unit, "unitArrivalNs": arrival, "visible": True,
                                      "vclSha256": "%064x" % number, "width": 1280, "height": 720})
        out.write("verdict", {"incident": id_, "verdict": "undetermined", "reasons": ["running"], "policy": {k: opened["policy"][k] for k in ("id", "version", "sha256")}, "figures": {}})
        made = 0
        while made < per_incident and windows:
            span = out.now
            out.now += MINUTE
            made, windows = made + 1, windows - 1
            failed = random.random() < 0.05
            out.write("quality.window", {
                "stream": stream, "session": session, "hop": "device", "index": made, "fromNs": span, "toNs": out.now, "method": "tcp", "framesReceived": 1500,
                "framesClean": 1500, "framesExpected": 1500, "cleanFrameRateMilli": 25000, "cleanRatioPPM": 1_000_000, "freezes": 0, "freezeNs": 0, "longestFreezeNs": 0,
                "bytesReceived": 15_000_000, "bitRate": 2_000_000, "width": 1280, "height": 720, "packetsExpected": 0, "packetsLost": 0, "delayVariationNs": {"p50": 1_000_000, "p95": 4_000_000, "p999": 9_000_000},
                "roundTripNs": {"p50": 20_000_000, "p95": 45_000_000}, "verdict": "fail" if failed else "pass", "reasons": ["LOWFPS"] if failed else [], "open": [], "warnings": [],
                "notJudged": ["lossBeforeRepair"], "profile": profile, "gopFrames": 50, "jitterNs": None, "readings": 60, "lateReadings": 0})
        out.write("stream.ended", {"stream": stream, "session": session, "cause": "streamEnded", "origin": "device", "lastMediaNs": out.now})
        out.write("incident.closed", {"incident": id_, "reason": None})
        # The rest: what strangers and segments leave.
        rest = (args.facts - windows - out.seq) // max(1, incidents - number) - per_incident
        for k in range(max(0, rest)):
            out.now += 2_000_000
            if k % 3:
                out.write("segment.committed", {"stream": stream, "id": session, "segment": k, "file": f"{session}/{k:06}.mkv", "startNs": start, "endNs": out.now,
                                                "frames": 100, "bytes": 1_000_000, "sha256": "%064x" % k, "previous": ZERO})
            else:
                out.write("stream.interrupted" if k % 6 else "stream.resumed", {"stream": f"live/other{k % 50}", "session": f"other-{number}-{k}", "cause": "publisherGone", "origin": "network", "lastMediaNs": out.now})
    out.file.close()
    print(json.dumps({"facts": out.seq, "incidents": incidents, "windows": args.windows - windows, "megabytes": sum(
        os.path.getsize(f"{out.folder}/{n}") for n in os.listdir(out.folder)) >> 20}))


# ---------------------------------------------------------------- measure


def share(values, part):
    return round(sorted(values)[min(len(values) - 1, int(len(values) * part))] * 1000, 2) if values else None


def timed(call):
    began = time.monotonic()
    call()
    return time.monotonic() - began


def measure(args):
    result = {}
    node = Node(args.binary, args.data)
    try:
        result["firstStartSeconds"] = round(node.wait(), 2)
        node.stop()
        node = Node(args.binary, args.data)
        result["startSeconds"] = round(node.wait(), 2)
        rates = timed(lambda: node.ask("GET", "/api/v1/rates"))
        result["ratesAfterStartSeconds"] = round(rates, 2)
        took, ends, over = [], threading.Event(), []

        def board():
            while not ends.is_set():
                for path in ("/api/v1/incidents", "/api/v1/streams", "/api/v1/links"):
                    try:
                        took.append(timed(lambda: node.ask("GET", path)))
                    except OSError as error:
                        over.append(str(error))
                ends.wait(0.5)

        boards = [threading.Thread(target=board) for _ in range(args.boards)]
        for one in boards:
            one.start()
        late, answers, until = [], [], time.monotonic() + args.seconds
        while time.monotonic() < until:
            asked = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
            made = None

            def open_one():
                nonlocal made
                made = json.loads(node.ask("POST", "/api/v1/incidents", {"title": "洪水", "devices": ["kit01", "kit02"]}))

            answers.append(timed(open_one))
            t1 = next(s for s in made["steps"] if s["id"] == "t1")
            late.append((int(t1["bootNs"]) - asked) / 1e9)
            node.ask("POST", f"/api/v1/incidents/{made['id']}/close", {})
            time.sleep(0.5)
        result["ratesSeconds"] = round(min(timed(lambda: node.ask("GET", "/api/v1/rates")) for _ in range(3)), 3)
        result["olderPageSeconds"] = round(timed(lambda: node.ask("GET", f"/api/v1/incidents?limit=50&before={made['id']}")), 3)
        ends.set()
        for one in boards:
            one.join()
        if args.inspect:
            result["inspectionSeconds"] = round(timed(lambda: node.ask("GET", f"/api/v1/inspections/{made['id']}.json")), 2)
        result["boards"] = {"requests": len(took), "failed": len(over), "p50Ms": share(took, 0.5), "p99Ms": share(took, 0.99), "maxMs": share(took, 1)}
        result["open"] = {"count": len(late), "t1LateMsMax": share(late, 1), "answerMsMax": share(answers, 1)}
        began, cpu = time.monotonic(), node.cpu_seconds()
        for n in range(50):
            node.ask("POST", "/api/v1/connections", {"device": f"kit{n % 40:02}"})
        time.sleep(2)
        result["cpuPerFactMs"] = round((node.cpu_seconds() - cpu) / 50 * 1000, 2)
        result["privateMegabytes"] = round(node.private_megabytes(), 1)
    finally:
        node.stop()
    print(json.dumps(result))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run in (("make", make), ("measure", measure)):
        command = commands.add_parser(name)
        command.add_argument("data")
        command.add_argument("--binary", required=True)
        command.set_defaults(run=run)
        if name == "make":
            command.add_argument("--incidents", type=int, default=5000)
            command.add_argument("--facts", type=int, default=1_000_000)
            command.add_argument("--windows", type=int, default=500_000)
        else:
            command.add_argument("--boards", type=int, default=3)
            command.add_argument("--seconds", type=int, default=20)
            command.add_argument("--inspect", action="store_true")
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()

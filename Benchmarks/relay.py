#!/usr/bin/env python3
"""Forwarding cost beside the floor and beside nginx-rtmp, in turn, in one run.

    Benchmarks/relay.py --tools FOLDER [--binary FILE] [--rounds 3] [--seconds 6] [--rows tcp,udp,rtmp,wait,many,cost]
    Benchmarks/relay.py --tools FOLDER --before FILE --before-root FOLDER --rounds 10    # another build of ours in pairs: what a change costs

FOLDER holds relayload's sources (relayload.c, floor.c, Makefile); they are built in a temporary folder. Every row runs its subjects one after the
other, ROUNDS times, and prints each figure's median with its spread, and the ratio of the medians. CPU is what the scheduler counted for the server's
threads (/proc/PID/task/*/schedstat; utime and stime come in ticks of 10 ms, a fifth of the whole here), in milliseconds per second and stream. FirstFrame's
decode workers, other processes that look at pictures whatever is relayed, stand beside it. Needs: gcc, libsrt-gnutls-dev, gstreamer1.0-tools, nginx-light with libnginx-mod-rtmp for the nginx rows.
"""
import argparse
import glob
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request


def free_ports(count):
    """A block of `count` TCP ports that nobody listens on now."""
    for base in range(23000, 31000, 64):
        sockets = []
        try:
            for port in range(base, base + count):
                sockets.append(socket.create_server(("127.0.0.1", port)))
            return base
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
    raise SystemExit("no free ports")


def wait_port(port, process, log, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode} before it listened on {port}: {log()}")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"nothing listens on {port}")


class Server:
    """A started server: its pid, its URLs, and how it ends."""

    def __init__(self, name, command, port, url, folder, environment=None):
        self.name, self.url, self.port, self.folder = name, url, port, folder
        self.http = None
        self.log = open(os.path.join(folder, f"{name}.log"), "wb")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, cwd=folder, env=environment)
        if port:
            wait_port(port, self.process, self.tail)
        else:
            time.sleep(0.3)

    def tail(self):
        with open(self.log.name, errors="replace") as file:
            return file.read()[-800:]

    def pids(self):
        """The server's pid, and nginx's child, which does its work."""
        own = str(self.process.pid)
        children = subprocess.run(["pgrep", "-P", own], capture_output=True, text=True).stdout.split()
        return ",".join([own] + (children if self.name == "nginx-rtmp" else []))

    def workers_ns(self):
        """CPU time of the server's children until now; those that ended are not seen."""
        total = 0
        for child in subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout.split():
            for task in glob.glob(f"/proc/{child}/task/*/schedstat"):
                try:
                    with open(task) as file:
                        total += int(file.read().split()[0])
                except OSError:
                    pass
        return total

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def floor(tools, folder, _arguments, mode="tcp", count=50):
    port = free_ports(2) if mode == "tcp" else free_ports(2 * count)
    command = [f"{tools}/floor", mode, str(port)] + ([] if mode == "tcp" else [str(count), "mmsg"])
    return Server("floor", command, None, f"raw{mode}://127.0.0.1:{port}/%d", folder)


def nginx(_tools, folder, _arguments):
    port = free_ports(1)
    module = next(iter(glob.glob("/usr/lib/nginx/modules/ngx_rtmp_module.so")), None)
    if not module or not shutil.which("nginx", path="/usr/sbin:/usr/bin"):
        return None
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w") as file:
        file.write(
            f"load_module {module}; daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log;\n"
            "events { worker_connections 4096; }\n"
            f"rtmp {{ server {{ listen 127.0.0.1:{port}; chunk_size 4096; application live {{ live on; wait_key on; }} }} }}\n")
    return Server("nginx-rtmp", ["/usr/sbin/nginx", "-c", conf, "-p", folder], port, f"rtmp://127.0.0.1:{port}/live/s%d", folder)


def firstframe(scheme, archive=False, measure=True, name="firstframe"):
    def start(_tools, folder, arguments):
        is_before = name == "before"
        binary, root = (arguments.before, arguments.before_root) if is_before else (arguments.binary, arguments.root)
        ports = free_ports(4)
        data = tempfile.mkdtemp(prefix="data", dir=folder)
        settings = {
            "rtsp.port": ports, "rtmp.port": ports + 1, "http.port": ports + 2, "control.port": ports + 3, "archive.enabled": str(archive).lower(),
            "measure.enabled": str(measure).lower(), "rtsp.rtpPorts": "31000-32767",
        }
        if arguments.before:
            # What is compared is forwarding; first looks at fifty pictures would be the larger part of a short run.
            settings["measure.probes"] = "false"
        command = [binary, "serve", "--config", f"{root}/Config/firstframe.yaml", "--data", data]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        environment = dict(os.environ, FIRSTFRAME_CONFIG=f"{root}/Config", FIRSTFRAME_PIPELINES=f"{root}/pipelines")
        port = ports + 1 if scheme == "rtmp" else ports
        server = Server(name, command, port, f"{scheme}://127.0.0.1:{port}/live/s%d", folder, environment)
        server.http = ports + 2
        return server

    return start


def archived(server, seconds=40):
    """Bytes of units that came in and that lie in finished segments, once the last segments are: the node's own counters."""
    deadline = time.monotonic() + seconds
    figures = {}
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.http}/metrics", timeout=5) as page:
            lines = [line.split() for line in page.read().decode().splitlines() if line.startswith("firstframe_archive_")]
        figures = {name.removeprefix("firstframe_archive_"): float(value) for name, value in (line[:2] for line in lines)}
        if figures.get("ingested_bytes_total") and figures["ingested_bytes_total"] == figures.get("recorded_bytes_total"):
            break
        time.sleep(0.5)
    return {key: figures.get(key, 0.0) for key in ("ingested_bytes_total", "recorded_bytes_total")}


def load(tools, server, count, seconds, waiting=False, join=False):
    base = [f"{tools}/relayload", "-c", f"{tools}/clip.h264", "-l", server.name, "-p", server.pids(), "-P", server.url, "-R", server.url]
    if waiting:
        base += ["-n", "8", "-m", "1", "-j", "8", "-W", "-s", "133", "-d", "1", "-w", "2.5"]
    elif join:
        base += ["-n", "8", "-m", "1", "-s", "133", "-d", "3", "-w", "2.5"]
    else:
        base += ["-n", str(count), "-m", "1", "-d", str(seconds), "-w", "2.2"]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(base, stdout=output, stderr=subprocess.STDOUT, text=True)
        marks = []
        while process.poll() is None:
            marks.append((time.monotonic(), server.workers_ns() if server.http else 0))
            time.sleep(0.5)
        output.seek(0)
        text = output.read()
    line = text.strip().splitlines()[-1:] or [""]
    figures = dict(part.split("=", 1) for part in line[0].split() if "=" in part)
    if "exec" not in figures:
        raise SystemExit(f"relayload said nothing useful: {text[-500:]}")
    figures = {key: float(value) for key, value in figures.items() if value.replace(".", "", 1).replace("-", "", 1).isdigit()}
    figures["cpu"] = figures["exec"] / max(1, figures["n"])
    # From the first publisher on: every stream is looked at once when it begins, and from then on within the budget.
    elapsed = marks[-1][0] - marks[0][0]
    figures["workers"] = max(0, marks[-1][1] - marks[0][1]) / 1e6 / elapsed / max(1, figures["n"]) if elapsed > 0 else 0.0
    return figures


def spread(values, digits=2):
    values = sorted(values)
    return f"{statistics.median(values):.{digits}f} ({values[0]:.{digits}f}–{values[-1]:.{digits}f})"


# Student's t, two-sided 95 %, by degrees of freedom.
T95 = [12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09, 2.09]


def interval(values):
    if len(values) < 2:
        return "– and –"
    half = T95[min(len(values) - 2, len(T95) - 1)] * statistics.stdev(values) / len(values) ** 0.5
    return f"{statistics.mean(values) - half:.3f} and {statistics.mean(values) + half:.3f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser.add_argument("--binary")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--rows", default="tcp,udp,rtmp,wait,many")
    parser.add_argument("--many", type=int, default=200)
    parser.add_argument("--before", help="another build's program, to be paired with this one's in the rows tcp, udp, rtmp and many")
    parser.add_argument("--before-root", help="that build's folder, for its configuration and pipelines")
    arguments = parser.parse_args()
    if arguments.before:
        arguments.before = os.path.abspath(arguments.before)
        arguments.before_root = os.path.abspath(arguments.before_root or arguments.root)
    arguments.binary = os.path.abspath(arguments.binary or f"{arguments.root}/.build/release/firstframe")
    rows = {
        "tcp": (50, [lambda *a: floor(*a, mode="tcp"), firstframe("rtsp")], {}),
        "udp": (50, [lambda *a: floor(*a, mode="udp"), firstframe("rtspu")], {}),
        "rtmp": (50, [nginx, firstframe("rtmp")], {}),
        "wait": (8, [firstframe("rtsp")], {"waiting": True}),
        "cost": (arguments.many, [firstframe("rtsp"), firstframe("rtsp", measure=False, name="unmeasured")], {}),
        "many": (arguments.many, [lambda *a: floor(*a, mode="tcp"), firstframe("rtsp", archive=True)], {}),
    }
    if arguments.before:
        pairs = {"tcp": ("rtsp", False, 50), "udp": ("rtspu", False, 50), "rtmp": ("rtmp", False, 50), "many": ("rtsp", True, arguments.many)}
        rows = {
            row: (count, [firstframe(scheme, archive=archive, name="before"), firstframe(scheme, archive=archive)], {})
            for row, (scheme, archive, count) in pairs.items()
        }
        arguments.rows = ",".join(row for row in arguments.rows.split(",") if row in rows)
    with tempfile.TemporaryDirectory(prefix="firstframe-bench.") as folder:
        tools = os.path.join(folder, "tools")
        shutil.copytree(arguments.tools, tools)
        subprocess.run(["make", "-s"], cwd=tools, check=True, stderr=subprocess.DEVNULL)
        for row in arguments.rows.split(","):
            count, subjects, how = rows[row]
            seen = {}
            for turn in range(arguments.rounds):
                for subject in subjects if turn % 2 == 0 else reversed(subjects):
                    server = subject(tools, folder, arguments)
                    if server is None:
                        print(f"{row}: a peer is not installed, its row is left out", file=sys.stderr)
                        continue
                    try:
                        figures = load(tools, server, count, arguments.seconds, **how)
                        if row == "many" and server.http:
                            figures.update(archived(server))
                    finally:
                        server.stop()
                    seen.setdefault(server.name, []).append(figures)
            report(row, count, seen)


def report(row, count, seen):
    print(f"\n{row}, N = {count}: CPU ms/s per stream; workers | frames lost + missing | full frame p50, p99 µs | first frame p50 ms | RSS MB")
    medians = {}
    for name, runs in seen.items():
        medians[name] = statistics.median(run["cpu"] for run in runs)
        lost = max(run["flost"] + run["missing"] for run in runs)
        print(
            f"  {name:12} {spread([run['cpu'] for run in runs])}; {spread([run['workers'] for run in runs])} | {lost:.0f} of {runs[0]['want_frames']:.0f} | "
            f"{spread([run['full_p50_us'] for run in runs], 0)}, {spread([run['full_p99_us'] for run in runs], 0)} | "
            f"{spread([run['ttff_p50_ms'] for run in runs], 1)} | {spread([run['rss_kb'] / 1024 for run in runs], 0)}")
        if "recorded_bytes_total" in runs[0]:
            print("  archive: " + ", ".join(f"{run['recorded_bytes_total']:.0f} of {run['ingested_bytes_total']:.0f} bytes" for run in runs))
    if "unmeasured" in seen:
        pairs = [on["cpu"] - off["cpu"] for on, off in zip(seen["firstframe"], seen["unmeasured"])]
        print(f"  measuring adds {statistics.mean(pairs):.3f} ms/s a stream, 95 % between {interval(pairs)}, {len(pairs)} pairs; probes beside it: their budget over {count} streams")
    if "before" in seen:
        ratios = [after["cpu"] / before["cpu"] for after, before in zip(seen["firstframe"], seen["before"]) if before["cpu"] > 0]
        print(f"  firstframe / before, in pairs: mean {statistics.mean(ratios):.3f}, 95 % between {interval(ratios)}, {len(ratios)} pairs")
    if "firstframe" in medians:
        for name, value in medians.items():
            if name != "firstframe" and value > 0:
                print(f"  firstframe / {name}: {medians['firstframe'] / value:.2f}")


if __name__ == "__main__":
    main()

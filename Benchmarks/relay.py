#!/usr/bin/env python3
"""Forwarding cost beside the floor and beside nginx-rtmp, in turn, in one run.

    Benchmarks/relay.py --tools FOLDER [--binary FILE] [--rounds 3] [--seconds 6] [--rows tcp,udp,rtmp,join,wait,many]

FOLDER holds relayload's sources (relayload.c, floor.c, Makefile); they are built in a temporary folder. Every row runs its subjects one after the
other, ROUNDS times, and prints each figure's median with its spread, and the ratio of the medians. CPU is utime + stime of the server's process, in
milliseconds per second and stream. Needs: gcc, libsrt-gnutls-dev, gstreamer1.0-tools, nginx-light with libnginx-mod-rtmp for the nginx rows.
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
        """The server's pid and its children's: nginx works in a child."""
        own = str(self.process.pid)
        children = subprocess.run(["pgrep", "-P", own], capture_output=True, text=True).stdout.split()
        return ",".join([own] + children)

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


def firstframe(scheme, archive=False, measure=True):
    def start(_tools, folder, arguments):
        ports = free_ports(4)
        data = tempfile.mkdtemp(prefix="data", dir=folder)
        settings = {
            "rtsp.port": ports, "rtmp.port": ports + 1, "http.port": ports + 2, "control.port": ports + 3, "archive.enabled": str(archive).lower(),
            "measure.samples": str(measure).lower(), "rtsp.rtpPorts": "31000-32767",
        }
        command = [arguments.binary, "serve", "--config", f"{arguments.root}/Config/firstframe.yaml", "--data", data]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        environment = dict(os.environ, FIRSTFRAME_CONFIG=f"{arguments.root}/Config", FIRSTFRAME_PIPELINES=f"{arguments.root}/pipelines")
        port = ports + 1 if scheme == "rtmp" else ports
        return Server("firstframe", command, port, f"{scheme}://127.0.0.1:{port}/live/s%d", folder, environment)

    return start


def load(tools, server, count, seconds, waiting=False, join=False):
    base = [f"{tools}/relayload", "-c", f"{tools}/clip.h264", "-l", server.name, "-p", server.pids(), "-P", server.url, "-R", server.url]
    if waiting:
        base += ["-n", "8", "-m", "1", "-j", "8", "-W", "-s", "133", "-d", "1", "-w", "2.5"]
    elif join:
        base += ["-n", "8", "-m", "1", "-s", "133", "-d", "3", "-w", "2.5"]
    else:
        base += ["-n", str(count), "-m", "1", "-d", str(seconds), "-w", "2.2"]
    out = subprocess.run(base, capture_output=True, text=True)
    line = out.stdout.strip().splitlines()[-1:] or [""]
    figures = dict(part.split("=", 1) for part in line[0].split() if "=" in part)
    if "cpu_ms_s" not in figures:
        raise SystemExit(f"relayload said nothing useful: {out.stdout[-500:]} {out.stderr[-500:]}")
    return {key: float(value) for key, value in figures.items() if value.replace(".", "", 1).replace("-", "", 1).isdigit()}


def spread(values, digits=2):
    values = sorted(values)
    return f"{statistics.median(values):.{digits}f} ({values[0]:.{digits}f}–{values[-1]:.{digits}f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser.add_argument("--binary")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--rows", default="tcp,udp,rtmp,wait,many")
    parser.add_argument("--many", type=int, default=200)
    arguments = parser.parse_args()
    arguments.binary = os.path.abspath(arguments.binary or f"{arguments.root}/.build/release/firstframe")
    rows = {
        "tcp": (50, [lambda *a: floor(*a, mode="tcp"), firstframe("rtsp")], {}),
        "udp": (50, [lambda *a: floor(*a, mode="udp"), firstframe("rtspu")], {}),
        "rtmp": (50, [nginx, firstframe("rtmp")], {}),
        "wait": (8, [firstframe("rtsp")], {"waiting": True}),
        "many": (arguments.many, [lambda *a: floor(*a, mode="tcp"), firstframe("rtsp", archive=True)], {}),
    }
    with tempfile.TemporaryDirectory(prefix="firstframe-bench.") as folder:
        tools = os.path.join(folder, "tools")
        shutil.copytree(arguments.tools, tools)
        subprocess.run(["make", "-s"], cwd=tools, check=True, stderr=subprocess.DEVNULL)
        for row in arguments.rows.split(","):
            count, subjects, how = rows[row]
            seen = {}
            for _ in range(arguments.rounds):
                for subject in subjects:
                    server = subject(tools, folder, arguments)
                    if server is None:
                        print(f"{row}: a peer is not installed, its row is left out", file=sys.stderr)
                        continue
                    try:
                        figures = load(tools, server, count, arguments.seconds, **how)
                    finally:
                        server.stop()
                    seen.setdefault(server.name, []).append(figures)
            report(row, count, seen)


def report(row, count, seen):
    print(f"\n{row}, N = {count}: CPU ms/s per stream | frames lost + missing | full frame p50, p99 µs | first frame p50 ms | RSS MB")
    medians = {}
    for name, runs in seen.items():
        medians[name] = statistics.median(run["per_pub"] for run in runs)
        lost = max(run["flost"] + run["missing"] for run in runs)
        print(
            f"  {name:12} {spread([run['per_pub'] for run in runs])} | {lost:.0f} of {runs[0]['want_frames']:.0f} | "
            f"{spread([run['full_p50_us'] for run in runs], 0)}, {spread([run['full_p99_us'] for run in runs], 0)} | "
            f"{spread([run['ttff_p50_ms'] for run in runs], 1)} | {spread([run['rss_kb'] / 1024 for run in runs], 0)}")
    if "firstframe" in medians:
        for name, value in medians.items():
            if name != "firstframe" and value > 0:
                print(f"  firstframe / {name}: {medians['firstframe'] / value:.2f}")


if __name__ == "__main__":
    main()

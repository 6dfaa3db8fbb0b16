"""A device of another make on a bad link: publishes a clip by RTSP with RTP over UDP and never sends every n-th picture packet.

lossy_device.py CLIP rtsp://127.0.0.1:PORT/NAME EVERY
"""
import re, socket, subprocess, sys, tempfile, time

clip, url, every = sys.argv[1], sys.argv[2], int(sys.argv[3])
host, port = re.match(r"rtsp://([^:/]+):(\d+)/", url).groups()
rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
rtcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
own.bind(("127.0.0.1", 0))
own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
rtp.bind(("127.0.0.1", 0))
rtcp.bind(("127.0.0.1", 0))
sdp = tempfile.NamedTemporaryFile(suffix=".sdp")
ffmpeg = subprocess.Popen(
    ["ffmpeg", "-v", "error", "-re", "-i", clip, "-an", "-c", "copy", "-f", "rtp", "-sdp_file", sdp.name,
     "rtp://127.0.0.1:%d?pkt_size=1200" % own.getsockname()[1]], stdin=subprocess.DEVNULL)
own.settimeout(10)
held = [own.recv(2048)]
text = ""
while "m=video" not in text or "sprop" not in text:
    text = open(sdp.name).read()
    time.sleep(0.02)
body = "".join(re.sub(r"^m=video \d+", "m=video 0", line) + "\r\n" for line in text.splitlines() if line and not line.startswith("a=control"))
body += "a=control:trackID=0\r\n"
control = socket.create_connection((host, int(port)))
sequence = 0


def ask(method, target, *headers, body=""):
    global sequence
    sequence += 1
    lines = ["%s %s RTSP/1.0" % (method, target), "CSeq: %d" % sequence] + list(headers)
    if body:
        lines += ["Content-Type: application/sdp", "Content-Length: %d" % len(body)]
    control.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        part = control.recv(4096)
        if not part:
            sys.exit("the server closed")
        answer += part
    answer = answer.decode()
    if not answer.startswith("RTSP/1.0 200"):
        sys.exit(answer)
    return answer


def header(name, answer):
    return re.search(r"^%s: *([^\r;]+)" % name, answer, re.M | re.I).group(1)


ask("ANNOUNCE", url, body=body)
ports = "%d-%d" % (rtp.getsockname()[1], rtcp.getsockname()[1])
answer = ask("SETUP", url + "/trackID=0", "Transport: RTP/AVP;unicast;client_port=%s;mode=record" % ports)
target = int(re.search(r"server_port=(\d+)", answer).group(1))
session = header("Session", answer)
ask("RECORD", url, "Session: " + session)
own.settimeout(1.5)
sent = 0
try:
    while True:
        packet = held.pop() if held else own.recv(2048)
        sent += 1
        if sent % every:
            rtp.sendto(packet, (host, target))
except (socket.timeout, TimeoutError):
    pass
ask("TEARDOWN", url, "Session: " + session)
ffmpeg.wait()

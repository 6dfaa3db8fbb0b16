#!/usr/bin/env python3
"""Records real RTSP, SDP, RTP and RTCP for the parsers' tests: ffmpeg, GStreamer and curl talk to a small server on loopback, and what
they send is kept byte by byte. Digest answers are checked here with hashlib, independently of the product's code.

Usage: make-rtsp.py   (writes beside itself: rtsp/*.bytes, sdp/*.sdp, rtp/*.rtp, rtcp/*.rtcp; each .rtp/.rtcp file is a list of
packets with a 16-bit big-endian length before each)"""
import base64, hashlib, os, re, socket, struct, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
USER, PASSWORD, REALM, NONCE = "cam", "se:cret@1", "FirstFrame", "0123456789abcdef0123456789abcdef"
LIMIT = 20000


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def fields_of(header):
    return {k.lower(): v.strip('"') for k, v in re.findall(r'(\w+)=("[^"]*"|[^,\s]+)', header)}


def digest_is_right(header, method):
    f = fields_of(header)
    ha1, ha2 = md5(f"{USER}:{REALM}:{PASSWORD}"), md5(f"{method}:{f['uri']}")
    if "qop" in f:
        return f["response"] == md5(":".join([ha1, f["nonce"], f["nc"], f["cnonce"], f["qop"], ha2]))
    return f["response"] == md5(f"{ha1}:{f['nonce']}:{ha2}")


class Server:
    """One connection at a time; keeps every byte the client sent, and every packet by channel."""

    def __init__(self, sdp=None, packets=None, auth=None, seconds=6):
        self.sdp, self.packets, self.auth, self.seconds = sdp, packets or [], auth, seconds
        self.received, self.announced, self.frames, self.datagrams = bytearray(), None, [], []
        self.checked = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        self.listener.settimeout(20)
        try:
            while True:
                connection, _ = self.listener.accept()
                self.serve(connection)
                if self.announced or self.sent_any:
                    break
        except (socket.timeout, OSError):
            pass

    sent_any = False

    def serve(self, connection):
        self.udp, self.clients, self.playing = [], {}, False
        buffer = b""
        connection.settimeout(0.2)
        deadline = time.time() + self.seconds
        queue = list(self.packets)
        while time.time() < deadline:
            try:
                data = connection.recv(65536)
                if not data:
                    break
                self.received += data
                buffer += data
            except socket.timeout:
                pass
            except OSError:
                break
            while buffer:
                if buffer[0] == 0x24:
                    if len(buffer) < 4 or len(buffer) < 4 + struct.unpack(">H", buffer[2:4])[0]:
                        break
                    length = struct.unpack(">H", buffer[2:4])[0]
                    self.frames.append((buffer[1], buffer[4:4 + length]))
                    buffer = buffer[4 + length:]
                    continue
                end = buffer.find(b"\r\n\r\n")
                if end < 0:
                    break
                head = buffer[:end].decode("utf-8", "replace")
                match = re.search(r"(?im)^content-length:\s*(\d+)", head)
                length = int(match.group(1)) if match else 0
                if len(buffer) < end + 4 + length:
                    break
                body, buffer = buffer[end + 4:end + 4 + length], buffer[end + 4 + length:]
                connection.sendall(self.answer(head, body))
            if self.playing:
                self.sent_any = True
                for channel, packet in queue[:200]:
                    if self.clients:
                        self.udp[channel].sendto(packet, ("127.0.0.1", self.clients[channel]))
                    else:
                        connection.sendall(struct.pack(">BBH", 0x24, channel, len(packet)) + packet)
                queue = queue[200:]
            for port, channel in [(s, i) for i, s in enumerate(self.udp)]:
                try:
                    while True:
                        self.datagrams.append((channel, port.recv(65536)))
                except (BlockingIOError, socket.timeout):
                    pass
        connection.close()

    def answer(self, head, body):
        lines = head.split("\r\n")
        method, uri, _ = lines[0].split(" ", 2)
        headers = {l.split(":", 1)[0].strip().lower(): l.split(":", 1)[1].strip() for l in lines[1:] if ":" in l}
        reply = [f"CSeq: {headers.get('cseq', '0')}", "Server: corpus"]

        def done(status="200 OK", extra=(), content=b""):
            all_lines = reply + list(extra) + ([f"Content-Length: {len(content)}"] if content else [])
            return (f"RTSP/1.0 {status}\r\n" + "\r\n".join(all_lines) + "\r\n\r\n").encode() + content

        if self.auth and method != "OPTIONS":
            told = headers.get("authorization", "")
            if told.lower().startswith("digest"):
                ok = digest_is_right(told, method)
            else:
                ok = told == "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            if told:
                self.checked.append((method, ok))
            if not ok:
                challenge = {"basic": f'Basic realm="{REALM}"', "digest": f'Digest realm="{REALM}", nonce="{NONCE}"',
                             "qop": f'Digest realm="{REALM}", nonce="{NONCE}", opaque="5ccc", algorithm=MD5, qop="auth"'}[self.auth]
                return done("401 Unauthorized", [f"WWW-Authenticate: {challenge}"])
        if method == "OPTIONS":
            return done(extra=["Public: OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, RECORD, GET_PARAMETER, TEARDOWN"])
        if method == "ANNOUNCE":
            self.announced = body
            return done()
        if method == "DESCRIBE":
            return done(extra=[f"Content-Base: {uri}/", "Content-Type: application/sdp"], content=self.sdp)
        if method == "SETUP":
            transport = headers["transport"].split(",")[0]
            ports = re.search(r"client_port=(\d+)-(\d+)", transport)
            if ports:
                pair = []
                for _ in range(2):
                    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    s.bind(("127.0.0.1", 0))
                    s.setblocking(False)
                    pair.append(s)
                first = len(self.udp)
                self.udp += pair
                self.clients[first], self.clients[first + 1] = int(ports.group(1)), int(ports.group(2))
                transport += f";server_port={pair[0].getsockname()[1]}-{pair[1].getsockname()[1]}"
            return done(extra=[f"Transport: {transport}", "Session: 4711;timeout=2"])
        if method in ("PLAY", "RECORD"):
            self.playing = method == "PLAY"
            return done(extra=["Session: 4711", "Range: npt=now-"])
        return done(extra=["Session: 4711"])


def keep(kind, name, data):
    os.makedirs(os.path.join(HERE, kind), exist_ok=True)
    with open(os.path.join(HERE, kind, name), "wb") as f:
        f.write(bytes(data))
    print(f"{kind}/{name}: {len(data)} bytes")


def packed(packets):
    return b"".join(struct.pack(">H", len(p)) + p for p in packets)


def run(command, seconds=12):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.terminate()
        process.wait()


def publish(name, arguments, transport="tcp", auth=None, path="live/cam1"):
    server = Server(auth=auth, seconds=5)
    user = "cam:se%3Acret%401@" if auth else ""
    url = f"rtsp://{user}127.0.0.1:{server.port}/{path}"
    run(["ffmpeg", "-nostdin", "-loglevel", "quiet", "-re"] + arguments + ["-t", "1.2", "-f", "rtsp", "-rtsp_transport", transport, url])
    server.thread.join(10)
    assert server.announced, name
    assert all(ok for _, ok in server.checked), (name, server.checked)
    keep("rtsp", name + ".bytes", server.received[:LIMIT])
    keep("sdp", name + ".sdp", server.announced)
    rtp = [p for c, p in server.frames + server.datagrams if c % 2 == 0]
    rtcp = [p for c, p in server.frames + server.datagrams if c % 2 == 1]
    if rtp:
        keep("rtp", name + ".rtp", packed([p for p in rtp if len(p) < 600][:24]))
    if rtcp:
        keep("rtcp", name + ".rtcp", packed(rtcp[:12]))
    return server.announced, server.frames


def read(name, command, sdp, packets, auth=None, seconds=4):
    server = Server(sdp=sdp, packets=packets, auth=auth, seconds=seconds)
    user = "cam:se%3Acret%401@" if auth else ""
    run([a.replace("URL", f"rtsp://{user}127.0.0.1:{server.port}/live/cam1").replace("BARE", f"rtsp://127.0.0.1:{server.port}/live/cam1") for a in command], seconds + 1)
    server.thread.join(10)
    assert all(ok for _, ok in server.checked), (name, server.checked)
    keep("rtsp", name + ".bytes", server.received[:LIMIT])
    rtcp = [p for c, p in server.frames + server.datagrams if c % 2 == 1]
    if rtcp:
        keep("rtcp", name + ".rtcp", packed(rtcp[:12]))


def both_sides(name):
    """ffmpeg publishes to ffmpeg's own listener through a proxy: the listener's responses are another server's."""
    probe = socket.create_server(("127.0.0.1", 0))
    behind = probe.getsockname()[1]
    probe.close()
    listener = subprocess.Popen(["ffmpeg", "-nostdin", "-loglevel", "quiet", "-rtsp_flags", "listen", "-i", f"rtsp://127.0.0.1:{behind}/live/cam1",
                                 "-t", "1", "-f", "null", "-"], stdin=subprocess.DEVNULL)
    time.sleep(1)
    front = socket.create_server(("127.0.0.1", 0))
    replies = bytearray()

    def proxy():
        client, _ = front.accept()
        server = socket.create_connection(("127.0.0.1", behind))

        def pump(a, b, sink):
            try:
                while data := a.recv(65536):
                    if sink is not None:
                        sink += data
                    b.sendall(data)
            except OSError:
                pass

        threading.Thread(target=pump, args=(client, server, None), daemon=True).start()
        pump(server, client, replies)

    threading.Thread(target=proxy, daemon=True).start()
    run(["ffmpeg", "-nostdin", "-loglevel", "quiet", "-re"] + VIDEO + X264 + ["-t", "2", "-f", "rtsp", "-rtsp_transport", "tcp",
         f"rtsp://127.0.0.1:{front.getsockname()[1]}/live/cam1"], 8)
    listener.terminate()
    listener.wait()
    keep("rtsp", name + ".bytes", replies[:LIMIT])


VIDEO = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25"]
SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"]
X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "25", "-pix_fmt", "yuv420p"]
X265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=25", "-pix_fmt", "yuv420p"]

if __name__ == "__main__":
    sdp, frames = publish("ffmpeg-h264-aac-tcp", VIDEO + SOUND + X264 + ["-c:a", "aac", "-ac", "2"])
    publish("ffmpeg-h264-udp", VIDEO + X264, transport="udp")
    publish("ffmpeg-h264-basic", VIDEO + X264, auth="basic")
    publish("ffmpeg-h264-digest", VIDEO + X264, auth="digest")
    publish("ffmpeg-h264-digest-qop", VIDEO + X264, auth="qop")
    publish("ffmpeg-h264-query", VIDEO + X264, path="live/cam1?key=k1")
    publish("ffmpeg-h265", VIDEO + X265)
    publish("ffmpeg-opus", SOUND + ["-c:a", "libopus", "-ac", "2", "-ar", "48000"])
    publish("ffmpeg-opus-mono", SOUND + ["-c:a", "libopus", "-ac", "1", "-ar", "48000"])
    publish("ffmpeg-pcma", SOUND + ["-c:a", "pcm_alaw", "-ar", "8000", "-ac", "1"])
    publish("ffmpeg-pcmu-16k-stereo", SOUND + ["-c:a", "pcm_mulaw", "-ar", "16000", "-ac", "2"])
    publish("ffmpeg-h264-mp2", VIDEO + SOUND + X264 + ["-c:a", "mp2"])
    publish("ffmpeg-mpeg4", VIDEO + ["-c:v", "mpeg4"])
    reader = ["ffmpeg", "-nostdin", "-loglevel", "quiet"]
    read("ffmpeg-read-tcp", reader + ["-rtsp_transport", "tcp", "-i", "URL", "-t", "1", "-f", "null", "-"], sdp, frames)
    read("ffmpeg-read-udp", reader + ["-rtsp_transport", "udp", "-i", "URL", "-t", "1", "-f", "null", "-"], sdp, frames, seconds=6)
    read("ffmpeg-read-digest-qop", reader + ["-rtsp_transport", "tcp", "-i", "URL", "-t", "1", "-f", "null", "-"], sdp, frames, auth="qop")
    gst = ["gst-launch-1.0", "-q", "rtspsrc", "location=BARE"]
    read("gst-read-tcp", gst + ["protocols=tcp", "!", "fakesink"], sdp, frames)
    read("gst-read-udp", gst + ["protocols=udp", "!", "fakesink"], sdp, frames, seconds=6)
    for auth in ("basic", "digest", "qop"):
        read(f"gst-read-{auth}", gst + ["protocols=tcp", "user-id=cam", "user-pw=se:cret@1", "!", "fakesink"], sdp, frames, auth=auth)
    read("curl-describe-digest", ["curl", "-s", "--max-time", "2", "--digest", "-u", "cam:se:cret@1", "-X", "DESCRIBE", "BARE"], sdp, [], auth="digest", seconds=3)
    both_sides("ffmpeg-listener-responses")

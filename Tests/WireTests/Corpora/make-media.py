#!/usr/bin/env python3
"""Makes the media corpora with ffmpeg: run it in this folder. Files are committed, so that tests need no ffmpeg.

NAME.units  encoded frames of one track in decode order: per frame pts, dts (64 bits), key (8 bits), length (32 bits), bytes; big-endian.
            Video as MP4 samples (4-byte NAL lengths, no parameter sets), times as ffprobe tells them in the track's clock rate.
NAME.config what the MP4 carries: the body of avcC or hvcC, or the AudioSpecificConfig.
NAME.probe  ffprobe's words on the stream: width, height, r_frame_rate, profile, level, has_b_frames.
NAME.rtp    the same frames as ffmpeg -f rtp sent them over UDP: per packet length (16 bits), packet.
"""
import json, os, socket, struct, subprocess, tempfile, threading

VIDEO = "testsrc=size={size}:rate={rate}:duration={seconds},noise=alls=12:allf=t"
TONE = "sine=frequency=440:sample_rate={rate}:duration={seconds}"


def run(*words):
    return subprocess.run(words, check=True, capture_output=True).stdout


def boxes(data, start, end):
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, start + 8)[0], 16
        yield kind, start + head, start + size
        start += max(size, 8)


def find(data, path, start=0, end=None):
    end = len(data) if end is None else end
    for kind, a, b in boxes(data, start, end):
        if kind == path[0]:
            return (a, b) if len(path) == 1 else find(data, path[1:], a, b)
    raise KeyError(path)


def samples(data):
    table = [b"moov", b"trak", b"mdia", b"minf", b"stbl"]
    a, _ = find(data, table + [b"stsz"])
    fixed, count = struct.unpack_from(">II", data, a + 4)
    sizes = [fixed] * count if fixed else list(struct.unpack_from(">%dI" % count, data, a + 12))
    a, _ = find(data, table + [b"stco"])
    chunks = struct.unpack_from(">%dI" % struct.unpack_from(">I", data, a + 4)[0], data, a + 8)
    a, _ = find(data, table + [b"stsc"])
    runs = [struct.unpack_from(">III", data, a + 8 + 12 * i) for i in range(struct.unpack_from(">I", data, a + 4)[0])]
    index = 0
    for chunk, at in enumerate(chunks, 1):
        per = [n for first, n, _ in runs if first <= chunk][-1]
        for size in sizes[index:index + per]:
            yield data[at:at + size]
            at += size
        index += per


def config(data, kind):
    at = data.find(kind)
    if kind != b"esds":
        size = struct.unpack_from(">I", data, at - 4)[0]
        return data[at + 4:at - 4 + size]
    at = data.index(b"\x05", data.index(b"\x04\x80\x80\x80", at) + 17)  # DecoderSpecificInfo
    length = data[at + 4]
    return data[at + 5:at + 5 + length]


def capture(path, name, words, payload):
    """Sends a file by ffmpeg -f rtp and keeps the packets."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(2)
    packets = []

    def listen():
        try:
            while True:
                packets.append(receiver.recv(65536))
        except socket.timeout:
            pass

    thread = threading.Thread(target=listen)
    thread.start()
    port = receiver.getsockname()[1]
    demuxer = ["-f", path.rsplit(".")[-1], "-ar", "8000", "-ac", "1"] if path.endswith("law") else []
    run("ffmpeg", "-v", "error", "-re", *demuxer, "-i", path, *words, "-f", "rtp", f"rtp://127.0.0.1:{port}?rtcpport={port + 1 if port < 65535 else port - 1}&pkt_size=700")
    thread.join()
    packets = [p for p in packets if p[1] & 0x7F == payload]
    with open(name + ".rtp", "wb") as out:
        for packet in packets:
            out.write(struct.pack(">H", len(packet)) + packet)


def make(name, source, encoder, box, clock, rtp=(), muxer=(), extension="mp4", payload=96):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "clip." + extension)
        run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, *encoder, *muxer, path)
        told = json.loads(run("ffprobe", "-v", "error", "-of", "json", "-show_packets", "-show_streams", path))
        data = open(path, "rb").read()
        stream = told["streams"][0]
        scale = int(stream["time_base"].split("/")[1])
        with open(name + ".units", "wb") as out:
            for packet, sample in zip(told["packets"], samples(data), strict=True):
                pts, dts = (int(packet[k]) * clock // scale for k in ("pts", "dts"))
                assert int(packet["size"]) == len(sample)
                out.write(struct.pack(">qqBI", pts, dts, "K" in packet["flags"], len(sample)) + sample)
        if box:
            open(name + ".config", "wb").write(config(data, box))
        if box != b"esds" and box:
            with open(name + ".probe", "w") as out:
                out.write(" ".join(str(stream[k]).replace(" ", "_") for k in ("width", "height", "r_frame_rate", "profile", "level", "has_b_frames")) + "\n")
        if rtp is not None:
            capture(path, name, ["-c", "copy", *rtp], payload)


H264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-b:v", "160k", "-threads", "1"]
H265 = ["-c:v", "libx265", "-pix_fmt", "yuv420p", "-b:v", "160k"]
TRACK = ["-video_track_timescale", "90000"]
INBAND = ["-bsf:v", "h264_mp4toannexb"]
make("h264/plain", VIDEO.format(size="192x108", rate=25, seconds=2), H264 + ["-profile:v", "baseline", "-g", "25", "-bf", "0"], b"avcC", 90000, INBAND, TRACK)
make("h264/bframes", VIDEO.format(size="320x180", rate="30000/1001", seconds=2), H264 + ["-profile:v", "high", "-g", "24", "-bf", "3", "-b_strategy", "0", "-slices", "4", "-x264-params", "b-pyramid=normal:aud=1"], b"avcC", 90000, INBAND, TRACK)
make("h264/intra422", VIDEO.format(size="322x182", rate=50, seconds=0.1), ["-c:v", "libx264", "-pix_fmt", "yuv422p10le", "-crf", "40", "-g", "1"], b"avcC", 90000, None, TRACK)
make("h264/interlaced", VIDEO.format(size="720x576", rate=25, seconds=0.4), H264 + ["-flags", "+ilme+ildct", "-x264-params", "tff=1"], b"avcC", 90000, None, TRACK)
make("h265/plain", VIDEO.format(size="192x108", rate=25, seconds=2), H265 + ["-x265-params", "bframes=0:keyint=25:info=0:log-level=none"], b"hvcC", 90000, ["-bsf:v", "hevc_mp4toannexb"], TRACK)
make("h265/bframes", VIDEO.format(size="416x234", rate=25, seconds=2), H265 + ["-x265-params", "bframes=4:keyint=20:min-keyint=20:open-gop=1:slices=2:scenecut=0:info=0:log-level=none"], b"hvcC", 90000, ["-bsf:v", "hevc_mp4toannexb"], TRACK)
make("h265/main10", VIDEO.format(size="322x182", rate="24000/1001", seconds=0.3), ["-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-crf", "40", "-x265-params", "hrd=1:vbv-bufsize=1000:vbv-maxrate=1000:aud=1:info=0:log-level=none"], b"hvcC", 90000, None, TRACK)
make("aac/lc", TONE.format(rate=44100, seconds=1), ["-c:a", "aac", "-ac", "2", "-b:a", "64k"], b"esds", 44100, [], payload=97)
make("opus/stereo", TONE.format(rate=48000, seconds=1), ["-c:a", "libopus", "-ac", "2", "-b:a", "48k"], None, 48000, [], payload=97)

os.makedirs("g711", exist_ok=True)
for law in ("alaw", "mulaw"):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "clip." + law)
        run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", TONE.format(rate=8000, seconds=0.5), "-c:a", "pcm_" + law, "-f", law, path)
        data = open(path, "rb").read()
        with open(f"g711/{law}.units", "wb") as out:
            for at in range(0, len(data), 160):
                frame = data[at:at + 160]
                out.write(struct.pack(">qqBI", at, at, 1, len(frame)) + frame)
        words = ["-c", "copy"]
        capture(path, "g711/" + law, words, 8 if law == "alaw" else 0)

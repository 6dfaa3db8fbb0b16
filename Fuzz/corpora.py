#!/usr/bin/env python3
"""Turns the tests' captures into libFuzzer's seeds, in the form that Parsers.swift expects.  corpora.py CORPORA OUT"""
import json
import os
import sys

corpora, out = sys.argv[1:3]


def files(folder, *endings):
    for root, _, names in sorted(os.walk(os.path.join(corpora, folder))):
        for name in sorted(names):
            if name.endswith(endings):
                with open(os.path.join(root, name), "rb") as file:
                    yield name, file.read()


def put(parser, name, data):
    os.makedirs(os.path.join(out, parser), exist_ok=True)
    with open(os.path.join(out, parser, name), "wb") as file:
        file.write(data[:65536])


def annexb(units):
    """A clip's units (pts, dts, key, length, length-prefixed NAL units) as a byte stream."""
    out, at = b"", 0
    while at + 21 <= len(units):
        end = at + 21 + int.from_bytes(units[at + 17:at + 21], "big")
        at += 21
        while at + 4 <= end:
            length = int.from_bytes(units[at:at + 4], "big")
            out += b"\0\0\1" + units[at + 4:at + 4 + length]
            at += 4 + length
    return out


def framed(packets):
    """Packets behind two bytes of length, as `$` frames."""
    out, at = b"", 0
    while at + 2 <= len(packets):
        length = int.from_bytes(packets[at:at + 2], "big")
        out += b"$\0" + packets[at:at + 2 + length]
        at += 2 + length
    return out


for name, data in files("rtsp", ".bytes"):
    put("rtsp", name, b"\x80" + data)
for name, data in files("sdp", ".sdp"):
    put("sdp", name, data)
for name, data in files("rtcp", ".rtcp"):
    put("rtcp", name, data)
    put("rtcp", name + ".bare", data[2:])
for number, folder in enumerate(["h264", "h265", "aac", "opus", "g711"]):
    for name, data in files(folder, ".rtp"):
        put("rtp", f"{folder}-{name}", bytes([number]) + data[:16384])
        put("rtp", f"{folder}-{name}-reordered", bytes([number | 0x80]) + data[:16384])
        if number == 0:
            put("frames", name, bytes([number]) + framed(data[:16384]))
    for name, data in files(folder, ".units") if number < 2 else ():
        put("annexb", f"{folder}-{name}", bytes([number, 30]) + annexb(data)[:16384])
    for name, data in files(folder, ".config"):
        put("codec", f"{folder}-{name}", data)
        # The parameter sets inside: whatever stands behind a length of two bytes.
        for at in range(len(data) - 2):
            length = int.from_bytes(data[at:at + 2], "big")
            if 4 < length <= len(data) - at - 2:
                put("codec", f"{folder}-{name}-{at}", data[at + 2:at + 2 + length])
for name, data in files("rtmp", ".client"):
    put("rtmp", name, data[3073:])
for name, data in files("rtmp", ".server"):
    put("rtmp-play", name, data[3073:])
for name, data in files("samples", ".ffs"):
    put("samples", name, data)
for name, data in files("journal", ".jsonl"):
    for number, line in enumerate(data.splitlines()):
        put("json", f"{name}-{number}", line)
hexes = "00" * 32
hello = json.dumps({"boot": "b", "challenge": hexes, "ephemeral": hexes, "key": hexes, "node": "a", "type": "hello", "v": 1}).encode()
messages = [
    {"type": "time", "t1": 1, "v": 1}, {"type": "timeAnswer", "t1": 1, "t2": 2, "t3": 3, "v": 1}, {"type": "beacon", "nonce": hexes, "at": 5, "v": 1},
    {"type": "opened", "incident": "i", "nonce": hexes, "openedSha256": hexes, "devices": [{"device": "d", "stream": "live/a", "class": "drone"}], "v": 1},
    {"type": "receipt", "text": "{\"v\":1}", "signature": hexes * 2, "v": 1},
]
for number, message in enumerate(messages):
    text = json.dumps(message).encode()
    put("link", f"frame-{number}", b"\0" + len(text).to_bytes(4, "big") + text)
    put("link", f"sealed-{number}", b"\2" + text)
put("link", "hello", b"\1" + hello)
put("link", "receipt", b"\3" + json.dumps({"v": 1, "county": "a", "incident": "i", "unit": "a/live/b@1#2"}).encode())
put("link", "paired", b"\4ABCDEFGH0000" + json.dumps({"type": "paired", "node": "b", "key": hexes, "proof": hexes}).encode())

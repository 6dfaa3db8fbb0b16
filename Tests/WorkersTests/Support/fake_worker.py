"""A worker that shares no code with the product: speaks docs/worker-socket.md and behaves as told.

fake_worker.py BEHAVIOUR STATE_FOLDER --socket PATH
"""
import json, os, signal, socket, struct, sys, time

behaviour, state, path = sys.argv[1], sys.argv[2], sys.argv[4]


def read(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            sys.exit(0)
        data += part
    return data


def send(connection, kind, payload):
    connection.sendall(struct.pack(">IB", len(payload), kind) + payload)


def with_json(value, rest=b""):
    text = json.dumps(value).encode()
    return struct.pack(">I", len(text)) + text + rest


def first(name):
    """True for the first of all workers that asks."""
    try:
        os.close(os.open(os.path.join(state, name), os.O_CREAT | os.O_EXCL))
        return True
    except FileExistsError:
        return False


if behaviour == "never-connects":
    time.sleep(3600)
if behaviour == "ends-at-once":
    sys.exit(3)
connection = socket.socket(socket.AF_UNIX)
connection.connect(path)
send(connection, 1, with_json({"v": 2 if behaviour == "future" else 1, "work": "decode", "pid": os.getpid(), "extra": [1]}))
while True:
    length, kind = struct.unpack(">IB", read(connection, 5))
    payload = read(connection, length)
    if kind == 5:
        send(connection, 6, b"")
        continue
    size = struct.unpack(">I", payload[:4])[0]
    job = json.loads(payload[4 : 4 + size])
    unit = payload[4 + size :]
    if behaviour == "killed-in-first-job" and first("killed"):
        os.kill(os.getpid(), signal.SIGKILL)
    if behaviour == "always-killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if behaviour == "hangs-in-first-job" and first("hung"):
        time.sleep(3600)
    if behaviour == "waits" and unit.endswith(b"wait"):
        open(os.path.join(state, "pid-%d" % os.getpid()), "w").close()
        while not os.path.exists(os.path.join(state, "go")):
            time.sleep(0.01)
    if behaviour == "garbage" and first("garbage"):
        connection.sendall(b"\xff" * 64)
        continue
    if behaviour == "wrong-id" and first("wrong"):
        job["id"] += 1
    if job["work"] == "look":
        looks = [[i, 7, len(unit)] for i in range(len(job["units"]))]
        send(connection, 3, with_json({"id": job["id"], "ok": True, "decodeNs": os.getpid(), "looks": looks, "more": []}, bytes(2304 * len(looks))))
        continue
    send(connection, 3, with_json({"id": job["id"], "ok": True, "width": len(unit), "height": os.getpid(), "visible": True, "reason": ""}, unit))

"""Check the chain of an exported trajectory log; needs nothing but Python 3.

    python verify.py

Every line of chain.jsonl holds the hash of the line before it and a hash over itself: SHA-256 over
the number of fields (one byte), the length of each (four bytes, big endian) and the fields
themselves: previous hash, trajectory, number and instant (eight bytes each, big endian; the
instant in microseconds since 1970), kind, author, owner, envelope, sealed words. The first line
follows SHA-256 of "coachbridge/1/" and the trajectory's id.
"""

import base64
import hashlib
import json
import pathlib
import struct
import sys


def fields(*values: "str | bytes") -> bytes:
    """Return values as bytes that no other list of values gives."""
    parts = [value.encode() if isinstance(value, str) else value for value in values]
    return struct.pack(f">B{len(parts)}I", len(parts), *map(len, parts)) + b"".join(parts)


def number(value: int) -> bytes:
    """Return a number as eight bytes."""
    return struct.pack(">q", value)


def verify(folder: pathlib.Path) -> "tuple[str, int]":
    """Return what is wrong, '' when nothing is, and how many lines there are."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    trajectory = manifest["trajectory"]
    before = hashlib.sha256(f"coachbridge/1/{trajectory}".encode()).digest()
    seq = 0
    with (folder / "chain.jsonl").open(encoding="utf-8") as lines:
        for seq, text in enumerate(lines, start=1):
            line = json.loads(text)
            sealed = base64.b64decode(line["sealed"] or "")
            digest = hashlib.sha256(
                fields(
                    *(before, trajectory, number(line["seq"]), number(line["at"])),
                    *(line["kind"], line["author"], line["owner"], line["envelope"], sealed),
                )
            ).digest()
            if line["seq"] != seq or digest.hex() != line["hash"]:
                return f"line {seq} is not what was written", seq
            before = digest
    if (seq, before.hex()) != (manifest["entries"], manifest["head"]):
        return "the log does not end where it should", seq
    for name, known in manifest["sha256"].items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != known:
            return f"{name} is not what was exported", seq
    return "", seq


if __name__ == "__main__":
    wrong, count = verify(pathlib.Path(__file__).parent)
    sys.stdout.write(f"{wrong or 'whole'}: {count} lines\n")
    sys.exit(1 if wrong else 0)

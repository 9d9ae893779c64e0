"""Sound without a microphone: tones a telephone line carries, mixed, written and read again."""

from __future__ import annotations

import io
import math
import struct
import wave

RATE = 8000
"""Samples a second, as on the telephone."""

_LOUD = 12_000


def tone(hertz: float, seconds: float, *, soft: bool = False) -> list[int]:
    """Return a tone as samples of 16 bits; a ``soft`` one swells and fades."""
    step, count = 2 * math.pi * hertz / RATE, round(seconds * RATE)
    if not soft:
        return [round(_LOUD * math.sin(step * n)) for n in range(count)]
    swell = math.pi / max(1, count)
    return [round(_LOUD * math.sin(swell * n) * math.sin(step * n)) for n in range(count)]


def to_wav(*channels: list[int]) -> bytes:
    """Return channels as a WAV file; the shorter ones end in silence."""
    longest = max((len(channel) for channel in channels), default=0)
    filled = [channel + [0] * (longest - len(channel)) for channel in channels]
    frames = [sample for together in zip(*filled, strict=True) for sample in together]
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(len(channels))
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(frames)}h", *frames))
    return file.getvalue()


def heard(wav: bytes, hertz: float, channel: int = 0) -> float:
    """Return how strong a frequency is in a channel, 0 to 1 (Goertzel's algorithm)."""
    with wave.open(io.BytesIO(wav), "rb") as file:
        count, rate, frames = file.getnchannels(), file.getframerate(), file.getnframes()
        samples = struct.unpack(f"<{frames * count}h", file.readframes(frames))[channel::count]
    if not samples:
        return 0.0
    factor = 2 * math.cos(2 * math.pi * hertz / rate)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + factor * last - before
    power = before**2 + last**2 - factor * before * last
    return min(1.0, math.sqrt(max(0.0, power)) * 2 / len(samples) / _LOUD)

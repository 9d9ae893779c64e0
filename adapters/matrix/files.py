"""Files on their way: uploaded, fetched, and encrypted where the room is.

https://spec.matrix.org/v1.16/client-server-api/#sending-encrypted-attachments: AES-CTR with a key
of its own, the hash over what lies on the server.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from adapters.matrix import payloads as mx
from adapters.matrix.wire import decoded
from bridge.core.errors import Rejected, SendError, StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cryptography.hazmat.primitives.ciphers import AEADCipherContext, CipherContext

    from adapters.matrix.wire import Json, Wire
    from bridge.core.adapter import Files, Upload

MAX_DOWNLOAD = 100_000_000
_MXC = re.compile(r"mxc://([A-Za-z0-9.:\[\]-]+)/([A-Za-z0-9_=.-]+)")
_SEALED = msgspec.json.Decoder(mx.EncryptedFile)


class _Uploaded(msgspec.Struct):
    content_uri: str


_UPLOADED = msgspec.json.Decoder(_Uploaded)


class _Source:
    """Bytes on their way out: encrypted if asked, hashed, and their failure remembered."""

    def __init__(self, chunks: AsyncIterator[bytes], key: bytes | None, counter: bytes) -> None:
        self.failed: StoreError | None = None
        self.hash = hashlib.sha256()
        self._chunks = chunks
        self._cipher = _cipher(key, counter).encryptor() if key is not None else None

    async def read(self) -> AsyncIterator[bytes]:
        """Yield what goes to the server."""
        try:
            async for chunk in self._chunks:
                out = self._cipher.update(chunk) if self._cipher is not None else chunk
                self.hash.update(out)
                yield out
        except StoreError as error:
            self.failed = error
            raise


def _cipher(key: bytes, counter: bytes) -> Cipher[modes.CTR]:
    return Cipher(algorithms.AES(key), modes.CTR(counter))


async def upload(wire: Wire, upload: Upload, files: Files, *, encrypt: bool) -> Json:
    """Put a file on the server; return the part of a message that says where it lies.

    Nothing shows yet when this fails. Raises SendError.
    """
    key = secrets.token_bytes(32) if encrypt else None
    counter = secrets.token_bytes(8) + bytes(8)
    source = _Source(files.read(upload.attachment), key, counter)
    name = "" if encrypt else f"?filename={quote(upload.name)}"
    mime = "application/octet-stream" if encrypt else upload.mime
    try:
        answer = await wire.post(
            f"/_matrix/media/v3/upload{name}", source.read(), mime, upload.size
        )
    except (SendError, StoreError):
        if source.failed is not None:
            raise Rejected("file_gone", "the file is not there any more") from None
        raise
    url = decoded(answer, _UPLOADED).content_uri
    if key is None:
        return {"url": url}
    opening = {
        "v": "v2",
        "url": url,
        "key": {
            "kty": "oct",
            "key_ops": ["encrypt", "decrypt"],
            "alg": "A256CTR",
            "k": base64.urlsafe_b64encode(key).decode().rstrip("="),
            "ext": True,
        },
        "iv": base64.b64encode(counter).decode().rstrip("="),
        "hashes": {"sha256": base64.b64encode(source.hash.digest()).decode().rstrip("=")},
    }
    return {"file": opening}


async def fetch(wire: Wire, ref: str) -> AsyncIterator[bytes]:
    """Yield the bytes of a file, decrypted where ``ref`` says how. Raises SendError.

    That a file was tampered with shows only at its end: then nothing of it may be used.
    """
    sealed = _sealed(ref) if ref.startswith("{") else None
    found = _MXC.fullmatch(sealed.url if sealed is not None else ref)
    if found is None:
        raise Rejected("file_gone", "the file lies nowhere")
    server, name = (quote(part, safe="") for part in found.groups())
    chunks = wire.stream(f"/_matrix/client/v1/media/download/{server}/{name}")
    opener = _opener(sealed) if sealed is not None else None
    seen, size = hashlib.sha256(), 0
    async for chunk in chunks:
        size += len(chunk)
        if size > MAX_DOWNLOAD:
            raise Rejected("too_big", "the file is larger than 100 MB")
        seen.update(chunk)
        yield opener.update(chunk) if opener is not None else chunk
    if sealed is not None:
        wanted = _bytes(sealed.hashes.get("sha256", ""))
        if not hmac.compare_digest(wanted, seen.digest()):
            raise Rejected("damaged", "the file is not what its sender encrypted")


def _sealed(ref: str) -> mx.EncryptedFile:
    try:
        return _SEALED.decode(ref)
    except msgspec.DecodeError:
        raise Rejected("damaged", "nobody knows how to decrypt this file") from None


def _opener(sealed: mx.EncryptedFile) -> CipherContext | AEADCipherContext:
    key, counter = _bytes(sealed.key.k), _bytes(sealed.iv)
    if len(key) != 32 or len(counter) != 16:
        raise Rejected("damaged", "nobody knows how to decrypt this file")
    return _cipher(key, counter).decryptor()


def _bytes(text: str) -> bytes:
    """Return unpadded base64, of either alphabet, as bytes; b'' when it is none."""
    padded = text + "=" * (-len(text) % 4)
    try:
        return base64.b64decode(padded.translate(_STANDARD), validate=True)
    except (binascii.Error, ValueError):
        return b""


_STANDARD = str.maketrans("-_", "+/")

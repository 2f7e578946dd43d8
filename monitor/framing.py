"""Messages through a pipe: eight bytes of length, then the message."""

import struct
from typing import BinaryIO

_LENGTH = struct.Struct(">Q")
_LONGEST = 1 << 30  # bytes; a worker that claims more has gone mad


def send(pipe: BinaryIO, message: bytes) -> None:
    """Write one message; BrokenPipeError when nobody reads any more."""
    pipe.write(_LENGTH.pack(len(message)))
    pipe.write(message)
    pipe.flush()


def receive(pipe: BinaryIO) -> bytes | None:
    """The next message, or None when the other side has ended, also in the middle of one."""
    header = pipe.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(header)
    if length > _LONGEST:
        return None
    message = pipe.read(length)
    return message if len(message) == length else None

"""The footer of a Parquet file, taken apart and put together again with other numbers.

It is written in Thrift's compact protocol: a struct is a list of fields with a number and a kind.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)


@dataclass
class Items:
    """A list of values of one kind."""

    kind: int
    values: list[Any]


Struct = dict[int, tuple[int, Any]]
"""Number of a field → its kind and value."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.place = data, 0

    def byte(self) -> int:
        self.place += 1
        return self.data[self.place - 1]

    def number(self) -> int:
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return number

    def value(self, kind: int) -> Any:
        if kind in (I16, I32, I64):
            number = self.number()
            return (number >> 1) ^ -(number & 1)
        if kind in (TRUE, FALSE, BYTE):
            return self.byte()
        if kind in (BINARY, DOUBLE):
            size = 8 if kind == DOUBLE else self.number()
            self.place += size
            return self.data[self.place - size : self.place]
        if kind in (LIST, SET):
            head = self.byte()
            size = head >> 4 if head >> 4 < 15 else self.number()
            return Items(head & 15, [self.value(head & 15) for _ in range(size)])
        return self.struct()

    def struct(self) -> Struct:
        fields: Struct = {}
        number = 0
        while head := self.byte():
            if head >> 4:
                number += head >> 4
            else:
                number = self.value(I16)
            kind = head & 15
            fields[number] = (kind, None if kind in (TRUE, FALSE) else self.value(kind))
        return fields


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _written(kind: int, value: Any) -> bytes:
    if kind in (I16, I32, I64):
        return _varint((value << 1) ^ (value >> 63))
    if kind in (TRUE, FALSE, BYTE):
        return bytes([value])
    if kind == DOUBLE:
        return bytes(value)
    if kind == BINARY:
        return _varint(len(value)) + value
    if kind in (LIST, SET):
        size = len(value.values)
        head = bytes([size << 4 | value.kind]) if size < 15 else bytes([0xF0 | value.kind])
        head += b"" if size < 15 else _varint(size)
        return head + b"".join(_written(value.kind, one) for one in value.values)
    return write(value)


def write(fields: Struct) -> bytes:
    """Write a struct."""
    out, before = bytearray(), 0
    for number, (kind, value) in sorted(fields.items()):
        step = number - before
        out += bytes([step << 4 | kind]) if step < 16 else bytes([kind]) + _written(I16, number)
        out += b"" if kind in (TRUE, FALSE) else _written(kind, value)
        before = number
    return bytes(out) + b"\0"


def read(data: bytes) -> tuple[Struct, int]:
    """Read a struct; return it and the bytes that it takes."""
    reader = _Reader(data)
    return reader.struct(), reader.place


def footer(data: bytes) -> Struct:
    """The footer of a Parquet file."""
    (size,) = struct.unpack("<I", data[-8:-4])
    return read(data[-8 - size : -8])[0]


def with_footer(data: bytes, fields: Struct) -> bytes:
    """A Parquet file with another footer."""
    (size,) = struct.unpack("<I", data[-8:-4])
    written = write(fields)
    return data[: -8 - size] + written + struct.pack("<I", len(written)) + b"PAR1"

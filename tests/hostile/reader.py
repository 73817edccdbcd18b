"""A program that reads one file after the other as a caller of the package does.

Each comes over standard input, its name and its bytes; what became of it goes out as a line.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import time
from typing import Any, BinaryIO


def read(name: str, data: bytes) -> dict[str, Any]:
    """Read a file and tell what became of it, without a word of it.

    Parameters
    ----------
    name : of the file.
    data : its bytes.
    """
    import afterword
    from afterword.errors import AfterwordError

    told: dict[str, Any] = {"how": "read", "said": ""}
    began = time.perf_counter()
    try:
        batch = afterword.read_batch(data, name=name, categories={"Ogling": "Ogling"})
    except AfterwordError as error:
        told |= {"how": "refused", "said": str(error)}
    except BaseException as error:
        told |= {"how": "raised", "said": type(error).__name__}
    else:
        told |= {
            "rows": len(batch.table),
            "accepted": len(batch.rows),
            "rejected": len(batch.rejected),
            "table_mb": float(batch.table.memory_usage(deep=True).sum()) / 1e6,
        }
    return told | {"seconds": time.perf_counter() - began}


def _serve(files: BinaryIO, answers: BinaryIO) -> None:
    while True:
        try:
            name, data = pickle.load(files)
        except EOFError:
            return
        answers.write(json.dumps(read(name, data)).encode() + b"\n")
        answers.flush()
        del data


if __name__ == "__main__":
    answered = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    _serve(sys.stdin.buffer, answered)

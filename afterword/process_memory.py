"""How much memory a process takes, and the limit that the operating system keeps it to.

>>> import os
>>> taken_mb(os.getpid()) > 1
True
"""

from __future__ import annotations

import os
from pathlib import Path


def taken_mb(pid: int) -> float:
    """Megabytes that a process has in memory; 0 if there is none of that number."""
    import psutil

    try:
        return psutil.Process(pid).memory_info().rss / 1e6
    except psutil.Error:
        return 0.0


def own_data_mb() -> float:
    """Megabytes of this process that count against its limit; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[5])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (AttributeError, LookupError, OSError, ValueError):
        return 0.0


def limit_memory(memory_mb: int) -> bool:
    """Have the operating system limit this process's memory; whether it does.

    What is limited is what a process may write to: libraries and files that are only read do not
    count, nor does what is reserved and never used.
    """
    import mmap

    try:
        import resource

        most = memory_mb * 1_000_000
        # The soft limit alone: the next part of a job may have another.
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    except (ImportError, OSError, ValueError):
        return False  # Windows has none
    try:
        # Some systems take the limit and do not keep to it.
        mmap.mmap(-1, most, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except (OSError, MemoryError):
        return True
    return False

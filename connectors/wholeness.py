"""Whether a file that somebody else writes is whole, as far as that can be seen from outside.

A guess that is wrong costs time and loses nothing: what is not whole is waited for longer, and what comes after a file
was taken is noticed (see `connectors.inbox`).
"""

import signal
import sys

from connectors.endings import OpenFile
from connectors.readers import find_reader


def has_end(handle: int) -> bool:
    """Whether a file ends as its kind ends: X12 with IEA, BAI2 with 99, a batch of HL7 with its trailer, JSON with as
    many brackets closed as opened, what is made of lines with a line end. Other kinds have no end to look for."""
    file = OpenFile(handle)
    return find_reader(file.content)[1].has_end(file)


def is_being_written(handle: int) -> bool:
    """Whether a process on this machine has the file open for writing. Linux knows, by refusing a read lease, of files
    of our own user; elsewhere this says no."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        # Who opens the file for writing meanwhile waits these microseconds, and we are told by a signal that does
        # nothing: the one that the kernel would choose ends a process.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False

"""The template's own program: it imports as `wsgi.py` does, then takes orders, a line of JSON each, until there are no more."""

import config  # noqa: F401, I001 - before eventlet, as in wsgi.py
import eventlet

eventlet.monkey_patch()

import gc
import json
import os
import runpy
import sys
import traceback
from typing import Any

import psycopg2  # noqa: F401
from eventlet import hubs, patcher, wsgi  # noqa: F401

import chatx  # noqa: F401

TO_ADD = os.O_WRONLY | os.O_APPEND | os.O_CREAT
system = patcher.original("os")  # what does not wait on an event loop, which each fork is to have for itself


def serve() -> None:
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(_ended(order["ended"]) if "ended" in order else _forked(order)), flush=True)


def _ended(pid: int) -> int | None:
    """How a fork has ended, as Popen.returncode has it; None while it runs."""
    ended, status = system.waitpid(pid, system.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _forked(order: dict[str, Any]) -> int:
    """The process id of a fork that runs the order's script."""
    pid = os.fork()
    if not pid:
        os._exit(_ran(**order))
    return pid


def _ran(script: str, environ: dict[str, str], output: str, errors: str) -> int:
    hubs.use_hub()  # or all forks would share one epoll, and take each other's events
    os.environ.clear()
    os.environ.update(environ)
    for number, (path, mode) in enumerate([(os.devnull, os.O_RDONLY), (output, TO_ADD), (errors, TO_ADD)]):
        opened = system.open(path, mode)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = [script]
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    serve()

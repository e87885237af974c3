"""`python -m lstmlint`."""

import os
import sys


def _leave_current_folder() -> None:
    """Take the current folder off the import path, where `-m` puts it first.

    A `rich.py` or `libcst.py` among the user's files must not be imported.  The package itself is found already; the
    folder it lies in goes to the end, so that a worker process finds it in an uninstalled working copy too.
    """
    if getattr(sys.flags, "safe_path", False) or not sys.path:
        return
    if os.path.abspath(sys.path[0]) == os.getcwd():
        del sys.path[0]
        home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        if home not in sys.path:
            sys.path.append(home)


if __name__ == "__main__":
    _leave_current_folder()
    from lstmlint.cli import run

    run()

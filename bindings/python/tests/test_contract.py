"""What every host language may rely on, proved from Python against the built library.

scripts/bindings python builds the library, generates the module `grid_ffi`, stages the package `grid_fieldbook` around
it, and runs this. Standard library only.
The tests stand in one file for each subject; this one names them.
"""

import faulthandler
import os

# A test that hangs would hide which lock it hangs on: after ten minutes every thread says where it is.
faulthandler.dump_traceback_later(7_200 if os.environ.get("GRID_LEAKS") == "full" else 600, exit=True)

from opening import Opening  # noqa: E402, F401
from recording import Cases, Counting, Patrols, Photos, Refusals  # noqa: E402, F401
from text import Texts  # noqa: E402, F401
from surviving import Surviving  # noqa: E402, F401
from hosting import Hosting  # noqa: E402, F401
from sharing import Threads  # noqa: E402, F401
from enrolling import Enrolling  # noqa: E402, F401
from syncing import Syncing  # noqa: E402, F401
from live import LivePlatform  # noqa: E402, F401
from wrapping import Awaited, Wrapped  # noqa: E402, F401
from ending import Ending  # noqa: E402, F401
from leaking import Leaking  # noqa: E402, F401
from packaging import Packaged, Written  # noqa: E402, F401

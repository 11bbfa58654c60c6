"""A volume that is an image is read like a directory, also while somebody has it mounted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.server import until

from freehold.base.errors import Conflict
from freehold.host.sandboxes import mounts
from freehold.host.volumes import images

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(bool(images.trouble()), reason=f"no images: {images.trouble()}"),
]


def in_a_process_of_its_own(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Mounts of one's own are for ever: not in the process of the tests."""

    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=False
    )


def test_an_image_is_shown_while_it_is_mounted_elsewhere(tmp_path: Path) -> None:
    image = tmp_path / "image"
    images.make(image, 16 << 20, 0)
    code = """
import sys
from pathlib import Path
from freehold.host.archives import mounted
with mounted.image(Path(sys.argv[1])) as one, mounted.image(Path(sys.argv[1])) as two:
    (one / "home" / "note").write_text("written through the other mount")
    print((two / "home" / "note").read_text())
"""
    done = in_a_process_of_its_own(code, str(image))
    assert done.stdout == "written through the other mount\n", done.stderr
    assert str(tmp_path) not in Path("/proc/mounts").read_text()


def test_an_image_that_is_being_attached_or_grown_is_waited_for(tmp_path: Path) -> None:
    """A device beside a sandbox's, or a mount in the midst of growing, destroys what is in it."""
    image = tmp_path / "image"
    images.make(image, 16 << 20, 0)
    code = """
import sys
from pathlib import Path
from freehold.host.archives import mounted
with mounted.image(Path(sys.argv[1])) as top:
    print(sorted(path.name for path in top.iterdir()))
"""
    waits = f":{image.stat().st_ino} "
    with mounts.locked(str(image)):
        backup = subprocess.Popen(
            [sys.executable, "-c", code, str(image)], stdout=subprocess.PIPE, text=True
        )
        until(
            lambda: any(
                " -> FLOCK " in line and waits in line
                for line in Path("/proc/locks").read_text().splitlines()
            )
        )
    assert backup.communicate()[0] == "['home', 'lost+found']\n"


def test_what_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"no image")
    code = """
import sys
from pathlib import Path
from freehold.base.errors import Fault
from freehold.host.archives import mounted
try:
    with mounted.image(Path(sys.argv[1])):
        pass
except Fault as fault:
    print(type(fault).__name__, fault.message)
"""
    done = in_a_process_of_its_own(code, str(tmp_path / "image"))
    assert done.stdout.startswith(Conflict.__name__), done.stderr

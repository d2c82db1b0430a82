"""nginx on the host, as nginx itself sees it: `nginx -t`, with our files laid over the platform's."""

import re
from collections.abc import Iterator
from pathlib import Path

from infra.check.finding import Finding
from infra.check.nginx import FOLDER
from tests.support import nginx

# "nginx: [emerg] unknown directive "x" in /tmp/…/conf.d/chatx.conf:3"
SAID = re.compile(r"^(?:nginx: )?(?P<text>.*?)(?: in (?P<file>/\S+):(?P<line>\d+))?$")


def check(root: Path) -> Iterator[Finding]:
    for said in nginx.check(root / FOLDER):
        match = SAID.fullmatch(said)
        assert match is not None
        ours = [path for path in (root / FOLDER).rglob("*.conf") if match["file"] and match["file"].endswith(f"/{path.name}")]
        path = str(ours[0].relative_to(root)) if ours else FOLDER
        yield Finding(path, int(match["line"] or 0), f"{match['text']}.")

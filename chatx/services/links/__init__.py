"""Links: what the pages say of themselves that people's links lead to, asked by the server, once for a while.

What was found is remembered in the memory of this process only: a link may be all that a message said, and nothing of a
message may outlive it in a table.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Collection

from flask import Flask

from chatx.services.limits import limits
from chatx.services.links.fetch import Fetcher
from chatx.services.links.page import Page, read
from chatx.services.links.target import Refused

__all__ = ["Page", "links"]

MOST_REMEMBERED = 1_000
REMEMBERED_SECONDS = 3_600.0
NOTHING_REMEMBERED_SECONDS = 300.0  # that there is nothing

log = logging.getLogger(__name__)


class Links:
    """on: previews are made here at all."""

    on: bool = False

    def init_app(self, app: Flask) -> None:
        self.on = app.config["LINK_PREVIEWS"]
        self._fetcher = Fetcher(allowed=app.config["LINK_PREVIEW_ALLOWED"])
        self._known: OrderedDict[str, tuple[float, Page | None]] = OrderedDict()
        self._lock = threading.Lock()

    def may_be_in(self, text: str) -> bool:
        """Whether a text may have a link that is to be looked up: one quick look, for every text that is sent."""
        return self.on and "://" in text

    def are_due(self, user_id: str, text: str) -> bool:
        """The same for a person, whose links are counted by it."""
        return self.may_be_in(text) and limits.has_left("link_previews", user_id)

    def pages(self, urls: Collection[str]) -> dict[str, Page]:
        """What the pages at these links say, where they say something; all of them are asked at once."""
        found: dict[str, Page | None] = {}
        asked = [threading.Thread(target=self._look_up, args=(url, found), daemon=True) for url in set(urls)]
        for thread in asked:
            thread.start()
        for thread in asked:
            thread.join()
        return {url: page for url, page in found.items() if page is not None}

    def _look_up(self, url: str, found: dict[str, Page | None]) -> None:
        with self._lock:
            until, page = self._known.get(url, (0.0, None))
        if until < time.monotonic():
            page = self._ask(url)
            self._remember(url, page)
        found[url] = page

    def _ask(self, url: str) -> Page | None:
        try:
            return read(self._fetcher.fetch(url))
        except Refused as refused:
            log.debug("links: no preview", extra={"reason": str(refused)})
        except Exception as error:
            # A page that breaks us is one without a preview; the others still have theirs.
            log.error("links: cannot be read", exc_info=error)
        return None

    def _remember(self, url: str, page: Page | None) -> None:
        seconds = REMEMBERED_SECONDS if page else NOTHING_REMEMBERED_SECONDS
        with self._lock:
            self._known[url] = (time.monotonic() + seconds, page)
            self._known.move_to_end(url)
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)


links = Links()

"""What this server allows everybody, as its owner configured it."""

from flask import Flask


class Policy:
    """registration: open or closed."""

    registration = "open"

    def init_app(self, app: Flask) -> None:
        self.registration = app.config["REGISTRATION"]


policy = Policy()

"""What is not restored, not backed up, and not written over; each is told in a sentence and changes nothing."""

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask

from chatx import backup as backups
from chatx.backup import BackupError
from chatx.extensions import db, migrate
from tests.support.contract import Contract
from tests.support.people import Caller
from tests.support.server import ROOT, Server


@contextmanager
def at(url: str) -> Iterator[None]:
    """At this database, with as much of the application as a backup needs."""
    app = Flask("backups")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    with app.app_context():
        yield
        db.engine.dispose()


@pytest.fixture(scope="module")
def alice() -> dict[str, str]:
    """Her user name and her password, once there is a backup."""
    return {}


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory, alice: dict[str, str]) -> Path:
    """Of a server with the people and the history of the demo."""
    folder = tmp_path_factory.mktemp("backup")
    url = f"sqlite:///{folder / 'chatx.db'}"
    with at(url):
        flask_migrate.upgrade()
    made = Server(url).flask("chatx", "demo")
    assert made.returncode == 0, made.stderr
    alice["username"], alice["password"] = re.match(r"(\S+)  password (\S+)", made.stdout).groups()
    with at(url):
        return backups.take(folder / "backup.zip")[0]


def told(act: Callable[[Path], object], path: Path) -> str:
    """What is said when it is refused."""
    with pytest.raises(BackupError) as refused:
        act(path)
    return str(refused.value)


def changed(backup: Path, to: Path, **members: object) -> Path:
    """A copy in which some files are others; None leaves one out."""
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            content = members.get(name.split(".")[0], old.read(name))
            if content is not None:
                new.writestr(name, content)
    return to


def manifest_of(backup: Path) -> dict:
    with zipfile.ZipFile(backup) as archive:
        return json.loads(archive.read("manifest.json"))


@pytest.fixture
def empty(fresh_sqlite: str) -> Iterator[None]:
    """At a database that does not exist yet."""
    with at(fresh_sqlite):
        yield


@pytest.mark.usefixtures("empty")
def test_a_damaged_backup_is_not_restored_at_all(backup: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(backup) as archive:
        place = archive.getinfo("messages.jsonl")
        messages = archive.read(place).splitlines(keepends=True)
    bits = bytearray(backup.read_bytes())
    bits[place.header_offset + 100] ^= 1
    (tmp_path / "bit.zip").write_bytes(bits)
    broken = [
        changed(backup, tmp_path / "less.zip", messages=b"".join(messages[1:])),
        changed(backup, tmp_path / "other.zip", messages=b"".join(messages).replace(b"Lake", b"Hill")),
        changed(backup, tmp_path / "without.zip", messages=None),
        tmp_path / "bit.zip",
    ]
    for path in broken:
        assert "messages.jsonl of the backup is damaged" in told(backups.restore, path)
        assert "messages.jsonl of the backup is damaged" in told(backups.verify, path)
        assert db.session.execute(db.text("SELECT count(*) FROM users")).scalar_one() == 0
        db.session.remove()


@pytest.mark.usefixtures("empty")
def test_what_is_no_backup_is_told(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("hello")
    (tmp_path / "cut.zip").write_bytes(backup.read_bytes()[:-100])
    manifest = manifest_of(backup)
    kinds = json.dumps(manifest).replace('"moment"', '"mood"')
    cases = {
        tmp_path / "text.zip": "text.zip cannot be read as a backup: File is not a zip file",
        tmp_path / "cut.zip": "cut.zip cannot be read as a backup",
        changed(backup, tmp_path / "empty.zip", manifest=None): "empty.zip cannot be read as a backup",
        changed(backup, tmp_path / "list.zip", manifest="[]"): "list.zip: Its manifest cannot be read, so it is no backup",
        changed(backup, tmp_path / "form.zip", manifest=json.dumps(manifest | {"format": 2})): "writes backups in another way",
        changed(backup, tmp_path / "kind.zip", manifest=kinds): "It has columns of a kind that is not known here: mood.",
        changed(backup, tmp_path / "new.zip", manifest=json.dumps(manifest | {"revision": "9999"})): "schema 9999 is not known",
    }
    for path, sentence in cases.items():
        assert sentence in told(backups.restore, path)
        assert db.inspect(db.engine).get_table_names() == []


def test_a_backup_of_an_older_schema_is_migrated_as_its_database_would_be(
    backup: Path, alice: dict[str, str], fresh_sqlite: str, tmp_path: Path
) -> None:
    """Of 0005, which had neither blocks nor read receipts that can be switched off: its people alone, for brevity."""
    with zipfile.ZipFile(backup) as archive:
        users = [json.loads(line) for line in archive.read("users.jsonl").splitlines()]
    manifest = manifest_of(backup)
    (entry,) = [each for each in manifest["tables"] if each["sheet"]["name"] == "users"]
    kinds = entry["sheet"]["columns"]
    old = ["id", "username", "password_hash", "display_name", "about", "avatar", "created_at", "seq", "floor"]
    rows = [[row[list(kinds).index(name)] for name in old] for row in users]
    lines = b"".join(json.dumps(row, separators=(",", ":")).encode() + b"\n" for row in rows)
    entry["sheet"]["columns"] = {name: kinds[name] for name in old}
    entry["sha256"] = hashlib.sha256(lines).hexdigest()
    path = changed(
        backup, tmp_path / "old.zip", users=lines, manifest=json.dumps(manifest | {"revision": "0005", "tables": [entry]})
    )
    with at(fresh_sqlite):
        assert backups.restore(path).revision == "0005"
        assert "only rows of the same schema compare" in told(backups.verify, path)
    server = Server(fresh_sqlite).start()
    door = Caller(server, Contract(server.url))
    session = door.post("/auth/login", alice).body
    assert door.call("GET", "/users/me/privacy", token=session["access_token"]).body["read_receipts"] is True
    door.leave()
    assert server.stop() == 0


@pytest.mark.usefixtures("empty")
def test_nothing_is_written_over(backup: Path) -> None:
    backups.restore(backup)
    refused = told(backups.restore, backup)
    assert refused.startswith("The database is not empty, and nothing is written over: there are rows in changes, devices, ")
    backups.verify(backup)


@pytest.mark.usefixtures("empty")
def test_a_database_beyond_the_backups_schema_is_told(backup: Path, tmp_path: Path) -> None:
    flask_migrate.upgrade()
    older = changed(backup, tmp_path / "older.zip", manifest=json.dumps(manifest_of(backup) | {"revision": "0001"}))
    assert "restore into a database without tables" in told(backups.restore, older)


@pytest.mark.usefixtures("empty")
def test_a_database_of_another_schema_is_not_backed_up(tmp_path: Path) -> None:
    assert "The database has schema none, this code " in told(backups.take, tmp_path)
    flask_migrate.upgrade(revision="0005")
    assert "The database has schema 0005, this code " in told(backups.take, tmp_path)
    assert list(tmp_path.glob("*.zip*")) == []


@pytest.mark.usefixtures("empty")
def test_a_backup_is_never_written_over(backup: Path, tmp_path: Path) -> None:
    flask_migrate.upgrade()
    before = backup.read_bytes()
    assert told(backups.take, backup) == f"{backup} exists; a backup is never written over."
    assert backup.read_bytes() == before
    nowhere = tmp_path / "nowhere" / "backup.zip"
    assert told(backups.take, nowhere) == f"{nowhere} cannot be written: No such file or directory."
    assert "is neither a folder that exists nor a file called .zip" in told(backups.take, nowhere.parent)


def test_what_is_restored_is_its_owners_alone(backup: Path, fresh_sqlite: str, tmp_path: Path) -> None:
    restored = Server(fresh_sqlite).flask("chatx", "restore", str(backup))
    assert restored.returncode == 0, restored.stderr
    for path in (backup, tmp_path / "chatx.db"):
        assert path.stat().st_mode & 0o077 == 0

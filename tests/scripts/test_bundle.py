"""`bundle`: the zip of a commit, the same bytes each time, with all that Elastic Beanstalk needs and no secret."""

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from scripts.deployment import bundle as bundles
from scripts.deployment import release
from scripts.deployment.trouble import Refused
from tests.scripts.conftest import Deployer

FILES = {
    "Procfile": "web: exec python wsgi.py\n",
    "requirements.txt": "Flask\n",
    "wsgi.py": "application = None\r\n",
    "migrations/env.py": "",
    ".ebextensions/01_app.config": "option_settings: {}\n",
    ".platform/hooks/postdeploy/01_check.sh": "#!/bin/sh\n",
    ".platform/nginx/conf.d/größe.conf": "client_max_body_size 1m;\n",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A small application, committed."""
    root = tmp_path / "repository"
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode())
    (root / ".platform/hooks/postdeploy/01_check.sh").chmod(0o755)
    git(root, "init", "--quiet")
    commit(root)
    return root


def git(root: Path, *arguments: str) -> str:
    own = ["-c", "user.name=Alice", "-c", "user.email=alice@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", "-C", str(root), *own, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def commit(root: Path, **files: str) -> None:
    for name, content in files.items():
        (root / name).write_text(content)
    git(root, "add", "--all", "--force")
    git(root, "commit", "--quiet", "--message", "x")


def made(repository: Path, folder: Path, run: int = 12) -> bundles.Bundle:
    return bundles.make(repository, "HEAD", run, folder)


def test_it_is_the_same_bytes_each_time_and_everywhere(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = made(repository, tmp_path / "here")
    again = made(repository, tmp_path / "again")
    git(repository, "config", "core.autocrlf", "true")
    git(repository, "config", "core.compression", "9")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(repository), str(clone))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    elsewhere = made(clone, tmp_path / "elsewhere")
    assert here.path.read_bytes() == again.path.read_bytes() == elsewhere.path.read_bytes()
    assert here.sha256 == hashlib.sha256(here.path.read_bytes()).hexdigest()


def test_everything_of_the_commit_is_inside_hidden_folders_too(repository: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(made(repository, tmp_path / "out").path) as archive:
        inside = {name: archive.read(name).decode() for name in archive.namelist() if not name.endswith("/")}
        hook = archive.getinfo(".platform/hooks/postdeploy/01_check.sh")
    assert inside == FILES
    assert hook.external_attr >> 16 & 0o777 == 0o755


def test_its_label_is_the_run_and_the_commit(repository: Path, tmp_path: Path) -> None:
    bundle = made(repository, tmp_path / "out")
    sha = git(repository, "rev-parse", "HEAD")
    assert (bundle.label, bundle.commit) == (f"v12-{sha[:12]}", sha)
    assert bundles.Bundle.read(bundle.path) == bundle


def test_an_older_commit_can_be_bundled_while_one_works_on(repository: Path, tmp_path: Path) -> None:
    old = made(repository, tmp_path / "old")
    commit(repository, more="1")
    (repository / "unfinished").write_text("2")
    assert bundles.make(repository, old.commit[:10], 12, tmp_path / "again").sha256 == old.sha256


@pytest.mark.parametrize("change", ["new.py", "wsgi.py"])
def test_what_is_not_committed_would_be_missing(repository: Path, tmp_path: Path, change: str) -> None:
    (repository / change).write_text("x = 1")
    with pytest.raises(Refused, match=rf"not clean(.|\n)*{change}"):
        made(repository, tmp_path / "out")
    assert list((tmp_path).glob("out/*")) == []


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (".env", "SECRET=1", r"must not leave the house, nor be committed: \.env"),
        ("staging.pem", "-----BEGIN", r"must not leave the house, nor be committed: staging\.pem"),
        ("chatx.db", "SQLite", r"must not leave the house, nor be committed: chatx\.db"),
        (".gitattributes", ".ebextensions export-ignore", r"lacks what the commit has.*\.ebextensions/01_app\.config"),
    ],
)
def test_what_must_not_travel_and_what_must_are_told_apart(
    repository: Path, tmp_path: Path, name: str, content: str, told: str
) -> None:
    commit(repository, **{name: content})
    with pytest.raises(Refused, match=told):
        made(repository, tmp_path / "out")
    assert list((tmp_path).glob("out/*")) == []


def test_without_a_procfile_something_else_would_be_started(repository: Path, tmp_path: Path) -> None:
    git(repository, "rm", "--quiet", "Procfile")
    commit(repository)
    with pytest.raises(Refused, match="has no Procfile"):
        made(repository, tmp_path / "out")


def test_a_commit_that_is_not_there_is_told(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no commit nowhere"):
        bundles.make(repository, "nowhere", 12, tmp_path / "out")


def test_the_command_tells_a_workflow_what_it_made(
    repository: Path, tmp_path: Path, deployer: Deployer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release, "ROOT", repository)
    environ = {"GITHUB_RUN_NUMBER": "34", "GITHUB_OUTPUT": str(tmp_path / "output")}
    ended = deployer.type("bundle", "--out", str(tmp_path / "out"), env=environ)
    assert ended.exit_code == 0, ended.output
    (path,) = (tmp_path / "out").iterdir()
    assert (tmp_path / "output").read_text() == f"label={path.stem}\nfile={path}\n"
    assert path.stem.startswith("v34-")
    assert f"sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}" in ended.output
    assert deployer.calls == []


def test_a_file_that_is_no_bundle_is_not_published(deployer: Deployer, repository: Path, tmp_path: Path) -> None:
    path = made(repository, tmp_path / "out").path
    other = path.rename(path.with_name("v12-0123456789ab.zip"))
    broken = path.with_name("v13-0123456789ab.zip")
    broken.write_bytes(b"PK")
    for file, told in ((other, "holds another commit"), (broken, "cannot be read"), (Path(__file__), "not called like a bundle")):
        ended = deployer.type("publish", str(file))
        assert ended.exit_code == 1
        assert told in ended.output
    assert deployer.calls == []

"""`publish`: a bundle reaches S3 and Elastic Beanstalk looks through it; a label never changes its content."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from tests.scripts.conftest import BUCKET, Deployer
from tests.scripts.script import NEW, Script

SOURCE = {"S3Bucket": BUCKET, "S3Key": f"bundles/{NEW}.zip"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / f"{NEW}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Procfile", "web: exec python wsgi.py")
        archive.comment = b"b" * 40
    return path


def stored(deployer: Deployer) -> tuple[bytes, str]:
    found = deployer.aws.s3.get_object(Bucket=BUCKET, Key=SOURCE["S3Key"])
    return found["Body"].read(), found["Metadata"]["sha256"]


@pytest.mark.parametrize("processed", ["Processed", "PROCESSED"])
def test_a_bundle_is_uploaded_and_looked_through(deployer: Deployer, script: Script, file: Path, processed: str) -> None:
    script.no_version(NEW).creates(NEW, SOURCE)
    script.version(NEW, "Building").version(NEW, "PROCESSING").version(NEW, processed)
    ended = deployer.type("publish", str(file))
    assert ended.exit_code == 0, ended.output
    assert ended.output.splitlines() == [
        f"uploaded to s3://{BUCKET}/bundles/{NEW}.zip",
        "Elastic Beanstalk looks through it",
        f"{NEW} is published",
    ]
    assert stored(deployer) == (file.read_bytes(), hashlib.sha256(file.read_bytes()).hexdigest())


def test_publishing_again_is_harmless(deployer: Deployer, script: Script, file: Path) -> None:
    script.no_version(NEW).creates(NEW, SOURCE).version(NEW)
    script.version(NEW, SourceBundle=SOURCE).version(NEW)
    assert deployer.type("publish", str(file)).exit_code == 0
    again = deployer.type("publish", str(file))
    assert again.exit_code == 0
    assert f"s3://{BUCKET}/bundles/{NEW}.zip is there already" in again.output


def test_a_label_is_never_given_to_other_content(deployer: Deployer, script: Script, file: Path) -> None:
    script.no_version(NEW).creates(NEW, SOURCE).version(NEW)
    assert deployer.type("publish", str(file)).exit_code == 0
    before = stored(deployer)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("more", "content")
    ended = deployer.type("publish", str(file))
    assert ended.exit_code == 1
    assert f"{NEW} is taken: s3://{BUCKET}/bundles/{NEW}.zip has sha256 {before[1]}, not " in ended.output
    assert stored(deployer) == before


def test_a_version_of_another_source_is_refused(deployer: Deployer, script: Script, file: Path) -> None:
    script.version(NEW, SourceBundle={"S3Bucket": "elsewhere", "S3Key": "x.zip"})
    ended = deployer.type("publish", str(file))
    assert ended.exit_code == 1
    assert f"{NEW} exists and has another source" in ended.output


def test_what_is_wrong_with_a_bundle_is_told(deployer: Deployer, script: Script, file: Path) -> None:
    script.no_version(NEW).creates(NEW, SOURCE).version(NEW, "Processing").version(NEW, "FAILED")
    script.complaints(
        NEW, "'null' values are not allowed in templates", "The configuration file .ebextensions/x.config is invalid."
    )
    ended = deployer.type("publish", str(file))
    assert ended.exit_code == 4
    assert ended.output.endswith(
        f"Error: Elastic Beanstalk does not accept {NEW}. The configuration file .ebextensions/x.config is invalid. "
        "'null' values are not allowed in templates\n"
    )


def test_looking_through_that_never_ends_is_told(deployer: Deployer, script: Script, file: Path) -> None:
    script.no_version(NEW).creates(NEW, SOURCE)
    for _ in range(120):
        script.version(NEW, "Processing")
    ended = deployer.type("publish", str(file))
    assert ended.exit_code == 7
    assert f"still looks through {NEW} after 600 s" in ended.output
    assert deployer.clock.time == 600

"""What can go wrong, each with the exit code that --help lists, and AWS's errors in the words of somebody who deploys."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

DENIED = ("AccessDenied", "AccessDeniedException", "InsufficientPrivilegesException", "UnauthorizedOperation")
EXPIRED = ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "RequestExpired")
BUSY = ("OperationInProgressFailure", "OperationInProgress", "OperationInProgressException")


class Trouble(click.ClickException):
    """A sentence for whoever deploys; click prints it and ends with `exit_code`."""


class Refused(Trouble):
    """Nothing was changed, because something is not as it must be."""

    exit_code = 1


class Busy(Trouble):
    """Nothing was changed, because somebody else is changing the environment."""

    exit_code = 3


class Unprocessed(Trouble):
    """Elastic Beanstalk does not accept the bundle."""

    exit_code = 4


class Failed(Trouble):
    """The environment did not come to run the label."""

    exit_code = 5


class Unhealthy(Trouble):
    """The environment runs the label, and is not well."""

    exit_code = 6


class TimedOut(Trouble):
    """It took too long, and was aborted where that was possible."""

    exit_code = 7


class SmokeFailed(Trouble):
    """Two people could not talk."""

    exit_code = 8


class AwsSaysNo(Trouble):
    """Credentials, permissions, or the network."""

    exit_code = 9


CODES = {0: "Done.", 2: "Wrong usage."} | {
    kind.exit_code: kind.__doc__ or ""
    for kind in (Refused, Busy, Unprocessed, Failed, Unhealthy, TimedOut, SmokeFailed, AwsSaysNo)
}


@contextmanager
def explained() -> Iterator[None]:
    """What AWS's client raises within, as trouble of ours."""
    try:
        yield
    except ClientError as error:
        raise _explained(error) from error
    except NoCredentialsError as error:
        raise AwsSaysNo("There are no AWS credentials. Set AWS_PROFILE, or run `aws sso login`.") from error
    except NoRegionError as error:
        raise AwsSaysNo("There is no AWS region. Give --region, or set AWS_REGION.") from error
    except BotoCoreError as error:
        raise AwsSaysNo(f"AWS cannot be asked: {error}") from error


def _explained(error: ClientError) -> Trouble:
    code, text = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    if code in BUSY or "invalid state for this operation" in text or "Must be Ready" in text:
        return Busy(
            f"{text}\nSomething else changes this environment: another deployment, an update of its stack, or a managed "
            "platform update. Wait until `status` says Ready, then try again."
        )
    if code in DENIED:
        return AwsSaysNo(f"These credentials may not do that: {error.operation_name}. {text}")
    if code in EXPIRED:
        return AwsSaysNo(f"These credentials are no longer good. {text}")
    return AwsSaysNo(f"{error.operation_name}: {text or code}")

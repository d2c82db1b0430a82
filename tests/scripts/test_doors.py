"""`admit` and `revoke`: staging is open for one address while it is tried, and for nobody afterwards."""

import pytest

from scripts.deployment import doors
from tests.scripts.conftest import Deployer
from tests.support.aws import Aws
from tests.support.backends import free_port


@pytest.fixture
def owner(deployer: Deployer) -> str:
    """The owner's address, which the template lets in."""
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "IpRanges": [{"CidrIp": "192.0.2.1/32", "Description": "Clients"}],
    }
    deployer.aws.ec2.authorize_security_group_ingress(GroupId=deployer.gate, IpPermissions=[rule])
    return "192.0.2.1"


def let_in(deployer: Deployer) -> set[tuple[str, int]]:
    """Who gets through the gate, and to which port."""
    rules = deployer.aws.ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [deployer.gate]}])
    return {(rule["CidrIpv4"], rule["FromPort"]) for rule in rules["SecurityGroupRules"] if not rule["IsEgress"]}


def test_one_address_is_let_in_and_shut_out_again(deployer: Deployer, owner: str) -> None:
    opened = deployer.type("admit", "staging", "--address", "203.0.113.9")
    assert (opened.exit_code, opened.output) == (0, "staging is open for 203.0.113.9/32\n")
    assert let_in(deployer) == {(f"{owner}/32", 443), ("203.0.113.9/32", 80), ("203.0.113.9/32", 443)}
    closed = deployer.type("revoke", "staging")
    assert (closed.exit_code, closed.output) == (0, "staging is closed for 203.0.113.9/32\n")
    assert let_in(deployer) == {(f"{owner}/32", 443)}


def test_closing_twice_is_harmless(deployer: Deployer, owner: str) -> None:
    closed = deployer.type("revoke", "staging")
    assert (closed.exit_code, closed.output) == (0, "staging is closed for all but its owner, as it was\n")
    assert let_in(deployer) == {(f"{owner}/32", 443)}


def test_what_a_killed_runner_left_open_is_closed_by_the_next(deployer: Deployer) -> None:
    for address in ("203.0.113.9", "203.0.113.10"):
        assert deployer.type("admit", "staging", "--address", address).exit_code == 0
    assert let_in(deployer) == {("203.0.113.10/32", 80), ("203.0.113.10/32", 443)}


def test_the_owner_is_never_shut_out(deployer: Deployer, owner: str) -> None:
    assert deployer.type("admit", "staging", "--address", owner).exit_code == 0
    assert deployer.type("revoke", "staging").exit_code == 0
    assert let_in(deployer) == {(f"{owner}/32", 443)}


@pytest.mark.parametrize("address", ["0.0.0.0/0", "10.0.0.0/8", "::1", "everybody"])
def test_nobody_opens_it_for_more_than_one_machine(deployer: Deployer, address: str) -> None:
    refused = deployer.type("admit", "staging", "--address", address)
    assert refused.exit_code == 1
    assert let_in(deployer) == set()


def test_our_own_address_is_asked_for(deployer: Deployer, aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a service on the internet; here of one that answers something else, and of one that does not answer."""
    monkeypatch.setattr(doors, "ADDRESS_SERVICE", f"{aws.url}/moto-api/data.json")
    refused = deployer.type("admit", "staging")
    assert refused.exit_code == 1
    assert "is not the IPv4 address of one machine" in refused.output
    monkeypatch.setattr(doors, "ADDRESS_SERVICE", f"http://127.0.0.1:{free_port()}")
    refused = deployer.type("admit", "staging")
    assert refused.exit_code == 9
    assert "does not say our address; give --address." in refused.output
    assert let_in(deployer) == set()


@pytest.mark.parametrize("command", ["admit", "revoke"])
def test_prod_has_no_gate(deployer: Deployer, command: str) -> None:
    assert deployer.type(command, "prod").exit_code == 2

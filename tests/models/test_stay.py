"""Stays: somebody sees what was said while they were there, of the times before as well, as far back as these are kept."""

from chatx.models import Membership
from config import LIMITS


def test_of_those_who_leave_and_come_back_again_and_again_the_earliest_stays_are_forgotten() -> None:
    membership = Membership(past_stays=[])
    for number in range(LIMITS["past_stays"] + 2):
        membership.begin(10 * number)
        membership.left_seq = 10 * number + 4
        membership.remember(membership.left_seq)
    assert len(membership.past_stays) == LIMITS["past_stays"]
    assert [membership.sees(seq) for seq in (4, 14, 20, 24)] == [False, False, True, True]
    assert not membership.sees(26), "they were away then"

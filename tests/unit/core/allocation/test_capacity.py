"""Every combination of channel, present work and limit, against the rules written out."""

from itertools import product

import msgspec
import pytest

from dialer.core.allocation.capacity import Channel, Demand, Limits, Load, Refusal, fits_later, refusal

VOICE, VIDEO, TEXT = Channel.VOICE, Channel.VIDEO, Channel.TEXT
LIMITS = Limits(first=2, second=5)


@pytest.mark.parametrize("channel", [VOICE, VIDEO])
@pytest.mark.parametrize("volume", range(7))
def test_c1_whoever_is_in_a_call_is_not_asked_for_another(channel: Channel, volume: int) -> None:
    assert refusal(Demand(channel, 0), Load(True, volume), LIMITS) is Refusal.LIVE


@pytest.mark.parametrize("channel", [VOICE, VIDEO])
@pytest.mark.parametrize(
    ("volume", "why"),
    [
        (0, None),
        (1, None),
        (2, None),
        (3, Refusal.VOLUME_FOR_LIVE),
        (5, Refusal.VOLUME_FOR_LIVE),
        (6, Refusal.VOLUME_FOR_LIVE),
    ],
)
def test_c2_a_call_goes_to_whoever_carries_text_up_to_the_first_limit(
    channel: Channel, volume: int, why: Refusal | None
) -> None:
    assert refusal(Demand(channel, 0), Load(False, volume), LIMITS) is why


@pytest.mark.parametrize(
    ("volume", "weight", "why"),
    [
        (0, 1, None),
        (1, 1, None),
        (0, 2, None),
        (2, 1, Refusal.VOLUME_BESIDE_LIVE),
        (1, 2, Refusal.VOLUME_BESIDE_LIVE),
        (0, 3, Refusal.VOLUME_BESIDE_LIVE),
    ],
)
def test_c3_text_beside_a_call_keeps_to_the_first_limit(
    volume: int, weight: int, why: Refusal | None
) -> None:
    assert refusal(Demand(TEXT, weight), Load(True, volume), LIMITS) is why


@pytest.mark.parametrize(
    ("volume", "weight", "why"),
    [
        (0, 5, None),
        (2, 3, None),
        (4, 1, None),
        (5, 1, Refusal.VOLUME),
        (3, 3, Refusal.VOLUME),
        (0, 6, Refusal.VOLUME),
    ],
)
def test_c4_text_alone_keeps_to_the_second_limit(volume: int, weight: int, why: Refusal | None) -> None:
    assert refusal(Demand(TEXT, weight), Load(False, volume), LIMITS) is why


COMBINATIONS = [
    pytest.param(
        channel, weight, Load(is_live, volume), limits, id=f"{channel}-{weight}-{is_live}-{volume}-{limits.first}-{limits.second}"
    )
    for channel, is_live, volume, limits in product(
        Channel,
        (False, True),
        range(6),
        (Limits(first=0, second=0), Limits(first=0, second=4), Limits(first=1, second=1), Limits(first=2, second=4)),
    )
    for weight in ((1, 2, 5) if channel is TEXT else (0,))
]  # fmt: skip


@pytest.mark.parametrize(("channel", "weight", "load", "limits"), COMBINATIONS)
def test_c1_to_c4_hold_for_every_combination(
    channel: Channel, weight: int, load: Load, limits: Limits
) -> None:
    live = channel is not TEXT
    allowed = {
        (True, True): False,  # C1
        (True, False): load.volume <= limits.first,  # C2
        (False, True): load.volume + weight <= limits.first,  # C3
        (False, False): load.volume + weight <= limits.second,  # C4
    }[live, load.is_live]
    assert (refusal(Demand(channel, weight), load, limits) is None) is allowed


@pytest.mark.parametrize(("channel", "weight", "load", "limits"), COMBINATIONS)
def test_what_fits_later_fits_once_the_text_is_gone_and_not_now(
    channel: Channel, weight: int, load: Load, limits: Limits
) -> None:
    demand = Demand(channel, weight)
    later = refusal(demand, Load(load.is_live, 0), limits) is None and not load.is_live
    assert fits_later(demand, load, limits) is (later and refusal(demand, load, limits) is not None)


@pytest.mark.parametrize(("first", "second"), [(-1, 3), (4, 3)])
def test_limits_that_cannot_be_meant_are_refused(first: int, second: int) -> None:
    with pytest.raises(msgspec.ValidationError, match="0 <= first <= second"):
        msgspec.convert({"first": first, "second": second}, Limits)

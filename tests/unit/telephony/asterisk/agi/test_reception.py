"""What a dialplan says of a caller of a queue."""

from telephony.asterisk.agi.reception import LONGEST, MOST_ATTRIBUTES, attributes_of


def test_attributes_are_names_with_values():
    assert attributes_of(["language=fr", "note=a=b", "empty="]) == {
        "language": "fr",
        "note": "a=b",
        "empty": "",
    }


def test_what_is_no_attribute_is_left_out():
    assert attributes_of(["", "alone", "=x", "Upper=x", "a b=x", "1st=x", "x" * 41 + "=x"]) == {}


def test_the_first_of_a_name_counts():
    assert attributes_of(["who=first", "who=second"]) == {"who": "first"}


def test_values_lose_what_nobody_can_see_and_have_an_end():
    assert attributes_of(["a=one\ntwo\0\u200bthree", "b=" + "x" * 999]) == {
        "a": "onetwothree",
        "b": "x" * LONGEST,
    }


def test_there_are_only_so_many():
    assert len(attributes_of([f"a{number}=x" for number in range(99)])) == MOST_ATTRIBUTES

"""From the number types of phonenumbers to our kinds."""

from phonenumbers import PhoneNumberType

from dialer.core.rules.number_kinds import NumberKind

_GLOBAL_NETWORKS = frozenset({870, 881, 882, 883, 888})
"""Inmarsat, satellite mobile systems, international networks, disaster relief.

Source: ITU-T, "List of Recommendation ITU-T E.164 assigned country codes", Annex to ITU Operational
Bulletin 1114. The other codes without a country say what they cost: 800 is toll free, 808 shared
cost, 878 personal, 979 premium rate, and phonenumbers types them so.
"""

_KINDS = {
    PhoneNumberType.FIXED_LINE: NumberKind.FIXED,
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.FIXED_OR_MOBILE,
    PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: NumberKind.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST: NumberKind.SHARED_COST,
    PhoneNumberType.VOIP: NumberKind.VOIP,
    PhoneNumberType.PERSONAL_NUMBER: NumberKind.PERSONAL,
    PhoneNumberType.PAGER: NumberKind.PAGER,
    PhoneNumberType.UAN: NumberKind.UAN,
    PhoneNumberType.VOICEMAIL: NumberKind.VOICEMAIL,
}


def kind_of(number_type: int, country_code: int) -> NumberKind:
    """Return our word for a type of phonenumbers' (`PhoneNumberType`, not UNKNOWN)."""
    return NumberKind.SATELLITE if country_code in _GLOBAL_NETWORKS else _KINDS[number_type]

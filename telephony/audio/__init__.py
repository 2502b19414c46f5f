"""What telephone audio says: special information tones, and announcements that were recorded before.

Pure: 8 kHz samples come in pieces, findings go out, whatever switch they came from. `sit.py` knows the tones,
`fingerprint.py` what makes two recordings the same, `announcements.py` a folder of them.
"""

"""`dialer simulate`: what modes of pacing come to on invented days.

`command` reads the options, `asking` makes scenario and modes of them, `running` simulates with a progress bar,
`telling` prints tables or JSON, `drawing` makes the picture.
"""

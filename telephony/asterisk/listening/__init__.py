"""Hears what customers' far ends say before anybody speaks, through Asterisk: early media, and the first seconds of an answer.

`hearing` (on the switch's thread) has Asterisk send the audio of a call that is being dialed; `staff` keeps the processes to
which it is sent and which look into it. One of those: `listener`, which reads `frames`; both sides speak `protocol`.
"""

"""Asterisk as the switch: its manager interface, its dialplan, and the gateway interface for other dialplans.

Manager interface (AMI), pure: `messages` (what stands on the wire), `originate`. I/O: `wire` (a socket), `ami` (one connection),
`session` (the two to one server, for ever).
"""

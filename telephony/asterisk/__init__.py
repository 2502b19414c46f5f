"""Asterisk as the switch: its manager interface, its dialplan, and the gateway interface for other dialplans.

Manager interface (AMI), pure: `messages` (what stands on the wire), `originate`. I/O: `wire` (a socket), `ami` (one connection),
`session` (the two to one server, for ever), `inquiry` (what an Asterisk says of itself). `generate` fills the `templates`: what an
Asterisk includes.

The adapter, pure: `translate` (events into ours), `legs` (what is known of a channel), `joins` (who shall be with whom), `actions`
(orders), `detection` (who picked up). On the switch's thread: `exchange` (which leg is where), `arrivals` (who came by itself and
waits), `audit` (what Asterisk says is there), `switch` (the `Telephony`).
"""

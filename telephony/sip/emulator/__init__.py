"""An emulated carrier and softphones: real SIP and RTP peers that call nobody.

Two processes, each of its own: `carrier` takes every call it is sent and behaves as a file says of the
number; `phones` holds softphones that answer and stay. Nothing here is shared with the SIP adapter, so an
error in one is not hidden by the same error in the other.

Reading order: `message`, `sdp`, `digest` (the wire, pure); `dialog` (a call's signalling, pure);
`tones`, `keys`, `hearing` (what a leg sends and what it made out, pure); `behaviour` (what numbers do, pure);
`log` (what is on record of it all); then `transport`, `media` (sockets), `call` (one leg living its
behaviour), `switchboard` (which leg a message is for), `process` (ready line, signals, control), and the
two entry points.
"""

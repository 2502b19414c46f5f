"""The gateway interface: what a dialplan may ask the dialer, served to Asterisk as FastAGI.

`wire` moves lines, `channel` is pyst2's AGI made fit for threads and hostile text, `gate` says who may ask what,
`server` holds the connections, `answers` decides what is told, and `desk` asks storage and tells it.
"""

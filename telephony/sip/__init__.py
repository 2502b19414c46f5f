"""Calls over SIP with pjsua2, in small disposable processes.

Parent: `pool` (the `Telephony`), `exchange` (which leg is where), `crew` and `hands` (the workers), `network` (ports).
Between: `protocol`. Worker: `worker` (orders and guards), `legs`, `crossing` (bridges), `phone` and `calls` (PJSIP),
`firewall`. Pure: `translate`.
"""

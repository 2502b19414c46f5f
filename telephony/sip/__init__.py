"""Calls over SIP with pjsua2, in small disposable processes.

Parent: `pool` (the `Telephony`), `exchange` (which leg is where), `waiting` and `call_ins` (which is nowhere yet),
`crew` and `hands` (the workers), `network` (ports), `sound_files`.
Between: `protocol`. Worker: `worker` (orders and guards), `legs`, `crossing` (bridges), `phone` and `calls` (PJSIP),
`firewall`. Pure: `translate`.
"""

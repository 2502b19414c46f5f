"""Calls over SIP with pjsua2, in small disposable processes."""

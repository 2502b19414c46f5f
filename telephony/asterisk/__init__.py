"""Asterisk as the switch: its manager interface, its dialplan, and the gateway interface for other dialplans."""

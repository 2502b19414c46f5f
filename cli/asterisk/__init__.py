"""`dialer asterisk`: what an Asterisk must know of the dialer, and whether it does."""

"""An invented world in virtual time."""

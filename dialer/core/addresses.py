"""Where an agent's phone is."""

CALLS_IN = "calls-in:"
"""Before the name of an agent whose phone is not called but calls in; every other address is a SIP URI."""

"""The only code that knows a switch."""

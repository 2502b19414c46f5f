"""What holds for all tests."""

from hypothesis import settings

# The machine is shared: how long an example took says nothing of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

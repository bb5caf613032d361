"""Properties are tested without a deadline for an example: how long one takes says how busy the machine is."""

from hypothesis import settings

settings.register_profile("stillwatch", deadline=None)
settings.load_profile("stillwatch")

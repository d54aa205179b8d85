"""``init``: a first config, proposed from what is there."""
